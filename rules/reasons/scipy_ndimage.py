"""scipy.ndimage: what has no gradient."""

from __future__ import annotations

FOR = "scipy.ndimage"


def distance_transform_edt(input):
    raise NotImplementedError("a distance transform is computed from Booleans, so it has no gradient")


distance_transform_cdt = distance_transform_edt
distance_transform_bf = distance_transform_edt


def label(input):
    raise NotImplementedError("labels are piecewise constant: they have no gradient")


binary_erosion = distance_transform_edt
binary_dilation = distance_transform_edt
