"""What TensorFlow's functions do not take, or count otherwise, where NumPy takes it.

By kind of array, the names of which some call fails the proof with such arrays, no more and no less: the proof says
which to add or remove (`python -m tests.rules.proven`). Where the source shows what an array holds, it is cast first.
"""

INTEGERS = """
ndarray.clip ndarray.dot ndarray.mean ndarray.std ndarray.var numpy.add numpy.add.reduce numpy.allclose numpy.amax
numpy.append numpy.arcsinh numpy.arctan numpy.arctan2 numpy.average numpy.cbrt numpy.clip numpy.convolve
numpy.corrcoef numpy.correlate numpy.cos numpy.cosh numpy.cov numpy.deg2rad numpy.diff numpy.divide numpy.divmod
numpy.dot numpy.exp numpy.exp2 numpy.expm1 numpy.fft.fft numpy.fft.fft2 numpy.fft.fftn numpy.fft.hfft numpy.fft.ifft
numpy.fft.ifft2 numpy.fft.ihfft numpy.fft.rfft numpy.fft.rfft2 numpy.fft.rfftn numpy.fmax numpy.fmin numpy.fmod
numpy.full_like numpy.gradient numpy.greater numpy.hypot numpy.i0 numpy.inner numpy.insert numpy.isclose
numpy.isfinite numpy.isinf numpy.isnan numpy.isneginf numpy.ldexp numpy.less numpy.linalg.cholesky numpy.linalg.cond
numpy.linalg.det numpy.linalg.eigh numpy.linalg.eigvalsh numpy.linalg.inv numpy.linalg.lstsq numpy.linalg.matrix_norm
numpy.linalg.matrix_power numpy.linalg.norm numpy.linalg.pinv numpy.linalg.qr numpy.linalg.slogdet numpy.linalg.solve
numpy.linalg.svd numpy.linalg.svdvals numpy.linalg.tensorinv numpy.linalg.tensorsolve numpy.linalg.vector_norm
numpy.log numpy.log10 numpy.log1p numpy.log2 numpy.logaddexp numpy.logaddexp2 numpy.max numpy.maximum
numpy.maximum.reduce numpy.mean numpy.median numpy.min numpy.minimum numpy.minimum.reduce numpy.mod
numpy.multiply.reduce numpy.nan_to_num numpy.nanmax numpy.nanmean numpy.nanmedian numpy.nanmin numpy.nanstd
numpy.nansum numpy.nanvar numpy.pad numpy.percentile numpy.polyfit numpy.polymul numpy.polyval numpy.power numpy.prod
numpy.quantile numpy.r_ numpy.rad2deg numpy.reciprocal numpy.sin numpy.sinc numpy.sinh numpy.sqrt numpy.std
numpy.subtract numpy.sum numpy.tan numpy.tanh numpy.trapezoid numpy.true_divide numpy.var numpy.where
scipy.integrate.trapezoid scipy.linalg.block_diag scipy.linalg.cholesky scipy.linalg.det scipy.linalg.eigh
scipy.linalg.eigvalsh scipy.linalg.inv scipy.linalg.norm scipy.linalg.pinv scipy.linalg.solve
scipy.linalg.solve_triangular scipy.linalg.sqrtm scipy.linalg.svd scipy.linalg.svdvals scipy.ndimage.correlate1d
scipy.ndimage.gaussian_filter scipy.ndimage.gaussian_filter1d scipy.ndimage.uniform_filter
scipy.ndimage.uniform_filter1d scipy.signal.convolve scipy.signal.convolve2d scipy.signal.correlate
scipy.signal.fftconvolve scipy.spatial.distance.cdist scipy.spatial.distance.correlation scipy.spatial.distance.cosine
scipy.spatial.distance.euclidean scipy.spatial.distance.mahalanobis scipy.spatial.distance.minkowski
scipy.spatial.distance.pdist scipy.special.beta scipy.special.betainc scipy.special.betaln scipy.special.boxcox
scipy.special.boxcox1p scipy.special.cbrt scipy.special.comb scipy.special.dawsn scipy.special.digamma
scipy.special.entr scipy.special.erf scipy.special.erfc scipy.special.erfcinv scipy.special.erfcx scipy.special.erfinv
scipy.special.exp10 scipy.special.exp2 scipy.special.expi scipy.special.expit scipy.special.expm1
scipy.special.factorial scipy.special.gamma scipy.special.gammainc scipy.special.gammaincc scipy.special.gammaln
scipy.special.huber scipy.special.i0 scipy.special.i0e scipy.special.i1 scipy.special.i1e scipy.special.inv_boxcox
scipy.special.j0 scipy.special.j1 scipy.special.k0 scipy.special.k0e scipy.special.k1 scipy.special.k1e
scipy.special.kl_div scipy.special.log1p scipy.special.log_expit scipy.special.log_ndtr scipy.special.log_softmax
scipy.special.logsumexp scipy.special.ndtr scipy.special.ndtri scipy.special.polygamma scipy.special.rel_entr
scipy.special.sinc scipy.special.softmax scipy.special.softplus scipy.special.spence scipy.special.xlog1py
scipy.special.xlogy scipy.special.y0 scipy.special.y1 scipy.stats.gmean scipy.stats.hmean scipy.stats.kurtosis
scipy.stats.norm.cdf scipy.stats.norm.logcdf scipy.stats.norm.logpdf scipy.stats.norm.logsf scipy.stats.norm.pdf
scipy.stats.norm.ppf scipy.stats.norm.sf scipy.stats.skew scipy.stats.wasserstein_distance scipy.stats.zscore
sklearn.metrics.d2_absolute_error_score sklearn.metrics.explained_variance_score sklearn.metrics.mean_absolute_error
sklearn.metrics.mean_absolute_percentage_error sklearn.metrics.mean_pinball_loss sklearn.metrics.mean_poisson_deviance
sklearn.metrics.mean_squared_error sklearn.metrics.mean_squared_log_error sklearn.metrics.mean_tweedie_deviance
sklearn.metrics.pairwise.cosine_distances sklearn.metrics.pairwise.cosine_similarity
sklearn.metrics.pairwise.euclidean_distances sklearn.metrics.pairwise.laplacian_kernel
sklearn.metrics.pairwise.pairwise_distances sklearn.metrics.pairwise.polynomial_kernel
sklearn.metrics.pairwise.rbf_kernel sklearn.metrics.r2_score sklearn.metrics.root_mean_squared_error
sklearn.metrics.root_mean_squared_log_error
"""

BOOLEANS = """
ndarray.clip ndarray.conj ndarray.conjugate ndarray.cumprod ndarray.cumsum ndarray.dot ndarray.max ndarray.mean
ndarray.min ndarray.prod ndarray.real ndarray.size ndarray.std ndarray.sum ndarray.trace ndarray.var numpy.abs
numpy.add numpy.add.accumulate numpy.add.outer numpy.add.reduce numpy.allclose numpy.amax numpy.amin numpy.append
numpy.arccos numpy.arcsin numpy.arcsinh numpy.arctan numpy.arctan2 numpy.arctanh numpy.average numpy.cbrt numpy.clip
numpy.conjugate numpy.convolve numpy.copysign numpy.corrcoef numpy.correlate numpy.cos numpy.cosh numpy.cov
numpy.cumprod numpy.cumproduct numpy.cumsum numpy.cumulative_prod numpy.cumulative_sum numpy.deg2rad numpy.diff
numpy.divide numpy.divmod numpy.dot numpy.einsum numpy.exp numpy.exp2 numpy.expm1 numpy.fft.fft numpy.fft.fft2
numpy.fft.fftn numpy.fft.hfft numpy.fft.ifft numpy.fft.ifft2 numpy.fft.ihfft numpy.fft.rfft numpy.fft.rfft2
numpy.fft.rfftn numpy.fmax numpy.fmin numpy.fmod numpy.full_like numpy.greater numpy.greater_equal numpy.hypot
numpy.i0 numpy.inner numpy.insert numpy.isclose numpy.isfinite numpy.isinf numpy.isnan numpy.isneginf numpy.ldexp
numpy.less numpy.less_equal numpy.linalg.cholesky numpy.linalg.cond numpy.linalg.det numpy.linalg.eigh
numpy.linalg.eigvalsh numpy.linalg.lstsq numpy.linalg.matmul numpy.linalg.matrix_norm numpy.linalg.matrix_power
numpy.linalg.multi_dot numpy.linalg.norm numpy.linalg.outer numpy.linalg.pinv numpy.linalg.qr numpy.linalg.slogdet
numpy.linalg.svd numpy.linalg.svdvals numpy.linalg.tensordot numpy.linalg.trace numpy.linalg.vecdot
numpy.linalg.vector_norm numpy.log1p numpy.logaddexp numpy.logaddexp2 numpy.matmul numpy.matvec numpy.max
numpy.maximum numpy.maximum.outer numpy.maximum.reduce numpy.mean numpy.median numpy.min numpy.minimum
numpy.minimum.outer numpy.minimum.reduce numpy.mod numpy.msort numpy.multiply numpy.multiply.accumulate
numpy.multiply.outer numpy.multiply.reduce numpy.nan_to_num numpy.nanmax numpy.nanmean numpy.nanmedian numpy.nanmin
numpy.nanstd numpy.nansum numpy.nanvar numpy.outer numpy.pad numpy.partition numpy.percentile numpy.polyadd
numpy.polyder numpy.polyfit numpy.polyint numpy.polymul numpy.polyval numpy.power numpy.prod numpy.product
numpy.quantile numpy.r_ numpy.rad2deg numpy.real numpy.real_if_close numpy.sin numpy.sinc numpy.sinh numpy.size
numpy.sort numpy.sqrt numpy.square numpy.std numpy.subtract numpy.sum numpy.tan numpy.tanh numpy.tensordot numpy.trace
numpy.trapezoid numpy.tril numpy.triu numpy.vander numpy.var numpy.vdot numpy.vecdot numpy.vecmat numpy.where
scipy.special.beta scipy.special.betainc scipy.special.betaln scipy.special.boxcox scipy.special.boxcox1p
scipy.special.cbrt scipy.special.comb scipy.special.dawsn scipy.special.digamma scipy.special.entr scipy.special.erf
scipy.special.erfc scipy.special.erfcinv scipy.special.erfcx scipy.special.erfinv scipy.special.exp10
scipy.special.exp2 scipy.special.expi scipy.special.expit scipy.special.expm1 scipy.special.gamma
scipy.special.gammainc scipy.special.gammaincc scipy.special.gammaln scipy.special.huber scipy.special.i0
scipy.special.i0e scipy.special.i1 scipy.special.i1e scipy.special.inv_boxcox scipy.special.j0 scipy.special.j1
scipy.special.k0 scipy.special.k0e scipy.special.k1 scipy.special.k1e scipy.special.kl_div scipy.special.log1p
scipy.special.log_expit scipy.special.log_ndtr scipy.special.logit scipy.special.logsumexp scipy.special.ndtr
scipy.special.ndtri scipy.special.polygamma scipy.special.rel_entr scipy.special.sinc scipy.special.softplus
scipy.special.spence scipy.special.xlog1py scipy.special.xlogy scipy.special.y0 scipy.special.y1
"""

HALF_PRECISION = """
numpy.fft.fft numpy.fft.fft2 numpy.fft.fftn numpy.fft.hfft numpy.fft.ifft numpy.fft.ifft2 numpy.fft.ihfft
numpy.fft.rfft numpy.fft.rfft2 numpy.fft.rfftn scipy.linalg.cholesky scipy.linalg.det scipy.linalg.eigh
scipy.linalg.pinv scipy.linalg.solve scipy.linalg.solve_triangular scipy.linalg.sqrtm scipy.linalg.svd
scipy.linalg.svdvals scipy.special.betainc scipy.special.dawsn scipy.special.erfcinv scipy.special.erfinv
scipy.special.expi scipy.special.gammainc scipy.special.gammaincc scipy.special.ndtri scipy.special.polygamma
scipy.special.spence scipy.stats.norm.ppf scipy.stats.skew
"""

TWO_TYPES = """
ndarray.T ndarray.dot numpy.add numpy.add.outer numpy.add.reduce numpy.allclose numpy.append numpy.arctan2 numpy.array
numpy.array_equal numpy.average numpy.block numpy.c_ numpy.choose numpy.column_stack numpy.concatenate numpy.convolve
numpy.corrcoef numpy.correlate numpy.cov numpy.cross numpy.diff numpy.divide numpy.divide.outer numpy.divmod numpy.dot
numpy.dstack numpy.einsum numpy.equal numpy.fmax numpy.fmin numpy.full_like numpy.greater numpy.greater_equal
numpy.hstack numpy.hypot numpy.inner numpy.insert numpy.isclose numpy.less_equal numpy.linalg.lstsq
numpy.linalg.matmul numpy.linalg.multi_dot numpy.linalg.outer numpy.linalg.solve numpy.linalg.tensordot
numpy.linalg.tensorsolve numpy.linalg.vecdot numpy.log numpy.log10 numpy.log1p numpy.log2 numpy.logaddexp
numpy.logaddexp2 numpy.matmul numpy.matvec numpy.maximum numpy.maximum.outer numpy.maximum.reduce numpy.meshgrid
numpy.minimum numpy.minimum.outer numpy.minimum.reduce numpy.mod numpy.multiply numpy.multiply.outer numpy.not_equal
numpy.outer numpy.polyadd numpy.polyfit numpy.polymul numpy.polyval numpy.power numpy.r_ numpy.reciprocal
numpy.row_stack numpy.stack numpy.subtract numpy.subtract.outer numpy.sum numpy.tensordot numpy.trapezoid
numpy.true_divide numpy.true_divide.outer numpy.vdot numpy.vecdot numpy.vecmat numpy.vstack scipy.integrate.trapezoid
scipy.linalg.block_diag scipy.linalg.solve scipy.linalg.solve_triangular scipy.ndimage.correlate
scipy.ndimage.correlate1d scipy.signal.convolve scipy.signal.convolve2d scipy.signal.correlate
scipy.signal.fftconvolve scipy.spatial.distance.braycurtis scipy.spatial.distance.canberra
scipy.spatial.distance.cdist scipy.spatial.distance.chebyshev scipy.spatial.distance.cityblock
scipy.spatial.distance.correlation scipy.spatial.distance.cosine scipy.spatial.distance.euclidean
scipy.spatial.distance.mahalanobis scipy.spatial.distance.minkowski scipy.spatial.distance.sqeuclidean
scipy.special.beta scipy.special.betainc scipy.special.betaln scipy.special.gammainc scipy.special.gammaincc
scipy.special.kl_div scipy.special.logsumexp scipy.special.rel_entr scipy.special.xlog1py scipy.special.xlogy
scipy.stats.gmean scipy.stats.hmean scipy.stats.norm.logpdf scipy.stats.wasserstein_distance
sklearn.metrics.d2_absolute_error_score sklearn.metrics.explained_variance_score sklearn.metrics.max_error
sklearn.metrics.mean_absolute_error sklearn.metrics.mean_absolute_percentage_error sklearn.metrics.mean_gamma_deviance
sklearn.metrics.mean_pinball_loss sklearn.metrics.mean_poisson_deviance sklearn.metrics.mean_squared_error
sklearn.metrics.mean_squared_log_error sklearn.metrics.mean_tweedie_deviance sklearn.metrics.median_absolute_error
sklearn.metrics.pairwise.cosine_distances sklearn.metrics.pairwise.cosine_similarity
sklearn.metrics.pairwise.euclidean_distances sklearn.metrics.pairwise.laplacian_kernel
sklearn.metrics.pairwise.linear_kernel sklearn.metrics.pairwise.manhattan_distances
sklearn.metrics.pairwise.pairwise_distances sklearn.metrics.pairwise.polynomial_kernel
sklearn.metrics.pairwise.rbf_kernel sklearn.metrics.r2_score sklearn.metrics.root_mean_squared_error
sklearn.metrics.root_mean_squared_log_error
"""
