"""Decodes JPEG XL with the libjxl in imagecodecs, into floats rounded here.

Into 8 bits libjxl dithers, with a pattern that depends on its version and the machine's vectors: two builds differ by one level
in a third of all samples. Floats don't.
"""
import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint32, c_void_p
from pathlib import Path

import imagecodecs
import imagecodecs._jpegxl  # loads what libjxl needs
import numpy as np

BASIC_INFO, NEED_BUFFER, FULL_IMAGE, SUCCESS = 0x40, 5, 0x1000, 0


class Format(ctypes.Structure):
    _fields_ = [("channels", c_uint32), ("type", c_int), ("order", c_int), ("align", c_size_t)]


def library():
    folder = Path(imagecodecs.__file__).parents[1] / "imagecodecs.libs"
    lib = ctypes.CDLL(str(next(folder.glob("libjxl-*.so*"))))
    lib.JxlDecoderCreate.restype, lib.JxlDecoderCreate.argtypes = c_void_p, [c_void_p]
    for name, arguments in {
        "Destroy": [c_void_p], "SubscribeEvents": [c_void_p, c_int], "SetInput": [c_void_p, c_char_p, c_size_t],
        "CloseInput": [c_void_p], "ProcessInput": [c_void_p], "GetBasicInfo": [c_void_p, c_void_p],
        "ImageOutBufferSize": [c_void_p, POINTER(Format), POINTER(c_size_t)],
        "SetImageOutBuffer": [c_void_p, POINTER(Format), c_void_p, c_size_t],
    }.items():
        getattr(lib, f"JxlDecoder{name}").argtypes = arguments
    return lib


LIB = library()


def decode(data):
    """The first frame, upright: [height, width, 3], 8 bits."""
    decoder = LIB.JxlDecoderCreate(None)
    LIB.JxlDecoderSubscribeEvents(decoder, BASIC_INFO | FULL_IMAGE)
    LIB.JxlDecoderSetInput(decoder, data, len(data))
    LIB.JxlDecoderCloseInput(decoder)
    info, told, size = (c_uint32 * 512)(), Format(3, 0, 0, 0), c_size_t()
    pixels = None
    while True:
        event = LIB.JxlDecoderProcessInput(decoder)
        if event == BASIC_INFO:
            LIB.JxlDecoderGetBasicInfo(decoder, info)
        elif event == NEED_BUFFER:
            LIB.JxlDecoderImageOutBufferSize(decoder, byref(told), byref(size))
            pixels = np.zeros(size.value // 4, np.float32)
            LIB.JxlDecoderSetImageOutBuffer(decoder, byref(told), pixels.ctypes.data, size.value)
        elif event in (FULL_IMAGE, SUCCESS):
            break
        else:
            raise ValueError(f"libjxl: {event}")
    LIB.JxlDecoderDestroy(decoder)
    width, height = info[1], info[2]
    return np.floor(np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8).reshape(height, width, 3)
