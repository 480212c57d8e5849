"""Optional arguments that no other module of samples gives, or leaves out."""

from __future__ import annotations

OF = ""
CALLS = """
tf K.constant(x, dtype="float64", name="x") => x
tf K.convert_to_tensor(x, dtype="float64", sparse=None) => x
tf tf.constant(x, name="x") => x
tf tf.convert_to_tensor(x, dtype_hint=None, name="x") => x
tf tf.stop_gradient(x, name="x") => x
tf tf.Variable(x, trainable=True, validate_shape=True, caching_device=None, name="x") => x
torch torch.as_tensor(x, device="cpu") => x
torch torch.asarray(x) => x
torch torch.asarray(x, dtype=torch.float64, device="cpu", copy=False, requires_grad=False) => x
torch torch.tensor(x, pin_memory=False) => x

np.add.accumulate(x, 0, None, None)
np.multiply.accumulate(x, axis=1, dtype=None, out=None)
torch np.maximum.accumulate(x)
torch np.maximum.accumulate(x, dtype=None, out=None)
torch np.minimum.accumulate(x, axis=1, dtype=None, out=None)
~ np.logical_and.reduce(m, axis=1, dtype=None, out=None, keepdims=True)
~ np.logical_or.reduce(m, axis=1, dtype=None, out=None, keepdims=True)
np.maximum.reduce(x, axis=1, dtype=None, out=None, keepdims=True)
np.minimum.reduce(x, axis=1, dtype=None, out=None)
np.minimum.reduce(x, axis=1, initial=0.5, where=m)
np.multiply.reduce(x, axis=1, dtype=None, out=None, where=m)

torch ~ np.allclose(x, y, atol=0.9, equal_nan=True)
tf ~ np.allclose(x, y, atol=0.9)
tf ! np.allclose(x, y, equal_nan=True)
torch ~ np.isclose(x, y, rtol=0.5, equal_nan=True)
tf ~ np.isclose(x, y, rtol=0.5)
tf ! np.isclose(x, y, equal_nan=True)
keras ~ np.allclose(x, y, atol=0.9, equal_nan=True)
keras ~ np.isclose(x, y, rtol=0.5, equal_nan=True)
~ np.isin(j, i, assume_unique=False)
~ np.in1d(j, i, assume_unique=False, invert=True) => np.isin(j.ravel(), i, invert=True)
np.full_like(x, s, dtype=np.float64, subok=True)
~ np.ones_like(x, subok=True)
np.real_if_close(x, tol=100)
np.take_along_axis(x, j)
torch ~ np.tril_indices_from(S)
tf np.array_split(v, 3)[1]
tf np.unstack(v)[1]
keras np.unstack(v)[1]
! np.vander(v, 3, increasing=True)
np.vecdot(x, y, axis=0)
! np.polyfit(v, w, 1, cov=True)
np.polyfit(v, w, 1, rcond=None)
np.nanmedian(x + h, out=None, overwrite_input=False)
np.nanpercentile(x + h, 30, out=None, overwrite_input=False, method="linear", keepdims=True)
np.nanquantile(x + h, 0.3, out=None, overwrite_input=False, keepdims=True)
np.cumulative_prod(x, axis=1, dtype=None, out=None)
np.cumulative_sum(x, axis=1, dtype=None, out=None)
tf np.rot90(x, axes=(1, 0))
tf ! np.cov(x, fweights=[1, 2, 1, 3])
keras ! np.cov(x, fweights=[1, 2, 1, 3])
tf np.nanprod(x + h, axis=1, keepdims=True)
keras np.nanprod(x + h, axis=1, keepdims=True)
np.nanstd(x + h, ddof=1)
np.nanvar(x + h, keepdims=True)

np.fft.fftn(x, s=(4, 3))
~ np.fft.hfft(c, axis=0)
~ np.fft.ifft2(c, s=(4, 3), axes=(1, 0))
~ np.fft.ifftn(c, s=(4, 3), axes=(1, 0), norm="ortho")
np.fft.ifftshift(x, axes=1)
np.fft.ihfft(x, axis=0)
~ np.fft.irfft2(c, axes=(1, 0), norm="ortho")
~ np.fft.irfftn(c, s=(3, 6), axes=(1, 0), norm="forward")
np.fft.rfft2(x, s=(4, 6), axes=(1, 0))
np.fft.rfftn(x, norm="ortho")

torch np.linalg.cond(S, p="fro")
torch np.linalg.cond(S, 1)
torch np.linalg.cross(x[:, :3], y[:, :3], axis=1)
np.linalg.cross(x[:, :3], y[:, :3], axis=-1)
torch np.linalg.eigh(S, UPLO="U")[0] => np.linalg.eigh((S + S.T) / 2)[0]
tf ! np.linalg.eigh(S, UPLO="U")
keras ! np.linalg.eigh(S, UPLO="U")
torch np.linalg.eigvalsh(S, UPLO="U") => np.linalg.eigvalsh((S + S.T) / 2)
torch ~ np.linalg.pinv(S, hermitian=True) => np.linalg.pinv((S + S.T) / 2)
np.linalg.vecdot(x, y, axis=0)

operator.as_tensor(x, like=x) => x
tf operator.matmul(x, u, like=x) => x @ u
keras operator.matmul(x, u, like=x) => x @ u

linalg.norm(x, ord=1, keepdims=True)
torch linalg.pinv(x, atol=1e-9)
linalg.solve(S, v, lower=False)
tf ! linalg.solve_triangular(S, u, unit_diagonal=True)
torch linalg.solve_triangular(S, u, unit_diagonal=True)
linalg.svd(x, full_matrices=False, compute_uv=False)
! linalg.svd(x, hermitian=True)
ndimage.gaussian_filter(x, 0.7, output=None, cval=0.0)
ndimage.gaussian_filter1d(x, 0.7, order=0, output=None, cval=0.0, truncate=3.0)

stats.gmean(x, dtype=None)
stats.hmean(x, dtype=None, keepdims=True)
! stats.wasserstein_distance(v, w, u_weights=w)
stats.beta.pdf(x, 2.0, 3.0, loc=-0.1, scale=1.5)
stats.expon.cdf(x, loc=0.05)
stats.expon.logsf(x)
stats.expon.logsf(x, loc=0.05)
stats.gamma.pdf(x, 2.5)
stats.gamma.pdf(x, 2.5, loc=0.05)
stats.lognorm.pdf(x, 0.8, loc=0.05, scale=1.5)
stats.multivariate_normal.pdf(w, v, allow_singular=False)
norm.logcdf(x)
norm.logsf(x, loc=0.2, scale=1.5)
norm.sf(x)
stats.t.pdf(x, 4, loc=0.2)

metrics.d2_absolute_error_score(v, w, multioutput="raw_values") => 1 - sum(abs(v - w)) / sum(abs(v - np.median(v)))
metrics.explained_variance_score(v, w, force_finite=False) => 1 - np.var(v - w) / np.var(v)
metrics.r2_score(v, w, force_finite=False) => 1 - np.sum((v - w) ** 2) / np.sum((v - np.mean(v)) ** 2)
metrics.mean_absolute_percentage_error(x, y, multioutput="raw_values") => np.mean(np.abs(x - y) / x, axis=0)
metrics.mean_pinball_loss(x, y, multioutput="raw_values") => np.mean(np.maximum(0.5 * (x - y), -0.5 * (x - y)), axis=0)
metrics.mean_squared_log_error(x, y, multioutput="raw_values") => np.mean((np.log1p(x) - np.log1p(y)) ** 2, axis=0)
metrics.root_mean_squared_log_error(x, y, multioutput="raw_values") => np.mean(np.log((1 + x) / (1 + y)) ** 2, 0) ** 0.5
metrics.root_mean_squared_log_error(v, w, sample_weight=g) => (np.log((1 + v) / (1 + w)) ** 2 @ g / sum(g)) ** 0.5
metrics.mean_gamma_deviance(v, w, sample_weight=g) => 2 * np.average(np.log(w / v) + v / w - 1, weights=g)
metrics.mean_tweedie_deviance(v, w, sample_weight=g) => np.average((v - w) ** 2, weights=g)
pairwise.cosine_similarity(x, dense_output=True) => 1 - distance.cdist(x, x, "cosine")
pairwise.cosine_distances(x) => distance.cdist(x, x, "cosine")
~ pairwise.manhattan_distances(x) => distance.cdist(x, x, "cityblock")
~ pairwise.laplacian_kernel(x) => np.exp(-distance.cdist(x, x, "cityblock") / 4)
pairwise.polynomial_kernel(x) => (x @ x.T / 4 + 1) ** 3
torch np.linalg.tensorsolve(S, v, axes=(1,))
np.linalg.tensorinv(S[None, :, None])
"""
