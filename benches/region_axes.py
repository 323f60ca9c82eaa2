#!/usr/bin/env python3
"""Computes the axes along which regions are compared, for weights/regions.npy.

    region_axes.py FEATURES_NPZ OUT

FEATURES_NPZ: descriptors of many photographs of all kinds, without labels, and none used in later measurements. The shipped axes
are from 1,000 photographs, one of each class of ImageNet (the repository EliSchwartz/imagenet-sample-images).

For each of a picture's 14 regions, u = (mean of x^2 over the region)^(1/2) is the vector of its channels, scaled to length 1.
With m the mean of all u, and e(k) the eigenvectors of the mean of u u' with the eigenvalues l(1) > l(2) > ..., OUT is
float32, [513, 512]:

    row 0:          SHARE * m
    row 1 + c:      for each axis k, e(k)[c] * (max(l(k), l(RANK)) / l(RANK))^(-POWER) of channel c

So (u - row 0) times rows 1 to 512 is u minus a share of what all regions have in common, along the axes, with the strongest
slightly weakened: whitening, by a tenth. The last axes stay as they are, because little is known about them.
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
