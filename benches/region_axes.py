#!/usr/bin/env python3
"""The axes that regions are compared along, for weights/regions.npy.

    region_axes.py FEATURES_NPZ OUT

FEATURES_NPZ: descriptors of many photographs of all kinds, none of which is measured with later; nothing is known of
what they show. Those that ship are of 1,000 photographs, one of each class of ImageNet (the repository
EliSchwartz/imagenet-sample-images).

Of each picture's 14 regions the vector of its channels, u = (mean of x^2 over the region)^(1/2), made of length 1.
With m the mean of all u, and e(k) the eigenvectors of the mean of u u' with the eigenvalues l(1) > l(2) > ..., OUT has,
float32, [513, 512]:

    row 0:          SHARE * m
    row 1 + c:      for each axis k the part e(k)[c] * (max(l(k), l(RANK)) / l(RANK))^(-POWER) of channel c

So (u - row 0) times rows 1 to 512 is u without a part of what all regions have in common, along the axes, the strongest
made a little weaker: whitening, by a tenth. The last axes stay as they are, for little is known of them.
"""
import sys

import numpy as np

# R-MAC's: x, y, side.
REGIONS = [(0, 0, 7)] + [(x, y, 4) for y in (0, 3) for x in (0, 3)] + [(x, y, 3) for y in (0, 2, 4) for x in (0, 2, 4)]
SHARE, POWER, RANK = 0.2, 0.05, 300


def main():
    x = np.load(sys.argv[1])["features"].reshape(-1, 7, 7, 512).astype(np.float64)
    means = [(x[:, b:b + side, a:a + side] ** 2).mean((1, 2)) for a, b, side in REGIONS]
    u = np.sqrt(np.concatenate(means))
    lengths = np.linalg.norm(u, axis=1)
    u = u[lengths > 0] / lengths[lengths > 0, None]
    values, vectors = np.linalg.eigh(u.T @ u / len(u))
    values, vectors = values[::-1], vectors[:, ::-1]
    weaker = (np.maximum(values, values[RANK - 1]) / values[RANK - 1]) ** -POWER
    np.save(sys.argv[2], np.concatenate([SHARE * u.mean(0, keepdims=True), vectors * weaker]).astype(np.float32))


if __name__ == "__main__":
    main()
