"""What PyTorch's functions do not take, or count otherwise, where NumPy takes it.

By kind of array, the names of which some call fails the proof with such arrays, no more and no less: the proof says
which to add or remove (`python -m tests.rules.proven`). Where the source shows what an array holds, it is cast first.
"""

INTEGERS = """
ndarray.mean ndarray.std ndarray.var numpy.average numpy.divmod numpy.fmin numpy.fmod numpy.hypot
numpy.linalg.cholesky numpy.linalg.cond numpy.linalg.det numpy.linalg.eigh numpy.linalg.eigvalsh numpy.linalg.inv
numpy.linalg.lstsq numpy.linalg.matrix_norm numpy.linalg.matrix_power numpy.linalg.norm numpy.linalg.pinv
numpy.linalg.qr numpy.linalg.slogdet numpy.linalg.solve numpy.linalg.svd numpy.linalg.svdvals numpy.linalg.tensorinv
numpy.linalg.tensorsolve numpy.linalg.vecdot numpy.linalg.vector_norm numpy.logaddexp numpy.logaddexp2 numpy.mean
numpy.median numpy.min numpy.minimum.reduce numpy.mod numpy.nanmean numpy.nanmedian numpy.nanstd numpy.nanvar
numpy.percentile numpy.polyfit numpy.quantile numpy.reciprocal numpy.std numpy.var numpy.vecdot scipy.linalg.cholesky
scipy.linalg.det scipy.linalg.eigh scipy.linalg.eigvalsh scipy.linalg.inv scipy.linalg.norm scipy.linalg.pinv
scipy.linalg.solve scipy.linalg.solve_triangular scipy.linalg.sqrtm scipy.linalg.svd scipy.linalg.svdvals
scipy.ndimage.correlate1d scipy.ndimage.gaussian_filter scipy.ndimage.gaussian_filter1d scipy.ndimage.uniform_filter
scipy.ndimage.uniform_filter1d scipy.spatial.distance.cdist scipy.spatial.distance.correlation
scipy.spatial.distance.cosine scipy.spatial.distance.euclidean scipy.spatial.distance.minkowski
scipy.spatial.distance.pdist scipy.special.gammainc scipy.special.gammaincc scipy.special.log_expit
scipy.special.log_softmax scipy.special.softmax scipy.special.softplus scipy.stats.kurtosis scipy.stats.skew
scipy.stats.wasserstein_distance scipy.stats.zscore sklearn.metrics.brier_score_loss
sklearn.metrics.d2_absolute_error_score sklearn.metrics.explained_variance_score sklearn.metrics.hinge_loss
sklearn.metrics.mean_absolute_error sklearn.metrics.mean_squared_error sklearn.metrics.mean_tweedie_deviance
sklearn.metrics.median_absolute_error sklearn.metrics.pairwise.cosine_distances
sklearn.metrics.pairwise.cosine_similarity sklearn.metrics.pairwise.euclidean_distances
sklearn.metrics.pairwise.pairwise_distances sklearn.metrics.r2_score sklearn.metrics.root_mean_squared_error
"""

BOOLEANS = """
ndarray.dot ndarray.mean ndarray.std ndarray.trace ndarray.var numpy.abs numpy.append numpy.average numpy.cbrt
numpy.convolve numpy.corrcoef numpy.correlate numpy.cov numpy.diff numpy.dot numpy.einsum numpy.fmax numpy.fmin
numpy.hypot numpy.inner numpy.isclose numpy.linalg.cholesky numpy.linalg.cond numpy.linalg.det numpy.linalg.eigh
numpy.linalg.eigvalsh numpy.linalg.lstsq numpy.linalg.matmul numpy.linalg.matrix_norm numpy.linalg.matrix_power
numpy.linalg.multi_dot numpy.linalg.norm numpy.linalg.pinv numpy.linalg.qr numpy.linalg.slogdet numpy.linalg.svd
numpy.linalg.svdvals numpy.linalg.tensordot numpy.linalg.vecdot numpy.linalg.vector_norm numpy.logaddexp
numpy.logaddexp2 numpy.matmul numpy.matvec numpy.mean numpy.median numpy.multiply.outer numpy.nanmean numpy.nanmedian
numpy.nanstd numpy.nanvar numpy.percentile numpy.polyder numpy.polyfit numpy.polyint numpy.polymul numpy.power
numpy.quantile numpy.std numpy.subtract numpy.tensordot numpy.trace numpy.trapezoid numpy.vander numpy.var numpy.vdot
numpy.vecdot numpy.vecmat scipy.special.beta scipy.special.betaln scipy.special.cbrt scipy.special.comb
scipy.special.erfcinv scipy.special.gamma scipy.special.gammainc scipy.special.gammaincc scipy.special.huber
scipy.special.kl_div scipy.special.log_expit scipy.special.rel_entr scipy.special.softplus
"""

HALF_PRECISION = """
numpy.fft.fft numpy.fft.fft2 numpy.fft.fftn numpy.fft.hfft numpy.fft.ifft numpy.fft.ifft2 numpy.fft.ihfft
numpy.fft.rfft numpy.fft.rfft2 numpy.fft.rfftn numpy.median numpy.nanmedian numpy.percentile numpy.quantile
scipy.linalg.cholesky scipy.linalg.det scipy.linalg.eigh scipy.linalg.inv scipy.linalg.pinv scipy.linalg.solve
scipy.linalg.solve_triangular scipy.linalg.sqrtm scipy.linalg.svd scipy.linalg.svdvals scipy.spatial.distance.pdist
scipy.special.erfcx scipy.special.log_ndtr scipy.special.ndtri scipy.stats.norm.logcdf scipy.stats.norm.logsf
scipy.stats.norm.ppf sklearn.metrics.d2_absolute_error_score sklearn.metrics.median_absolute_error
"""

TWO_TYPES = """
ndarray.dot numpy.allclose numpy.average numpy.convolve numpy.correlate numpy.cross numpy.dot numpy.einsum
numpy.full_like numpy.inner numpy.isclose numpy.linalg.lstsq numpy.linalg.matmul numpy.linalg.multi_dot
numpy.linalg.solve numpy.linalg.tensordot numpy.linalg.tensorsolve numpy.linalg.vecdot numpy.matmul numpy.matvec
numpy.meshgrid numpy.multiply.outer numpy.polyfit numpy.polymul numpy.r_ numpy.tensordot numpy.vdot numpy.vecdot
numpy.vecmat scipy.linalg.solve scipy.linalg.solve_triangular scipy.ndimage.correlate1d scipy.signal.convolve
scipy.signal.convolve2d scipy.signal.correlate scipy.signal.fftconvolve scipy.spatial.distance.cdist
scipy.spatial.distance.correlation scipy.spatial.distance.cosine sklearn.metrics.pairwise.cosine_distances
sklearn.metrics.pairwise.cosine_similarity sklearn.metrics.pairwise.linear_kernel
sklearn.metrics.pairwise.pairwise_distances sklearn.metrics.pairwise.polynomial_kernel
"""
