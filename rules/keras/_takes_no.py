"""What the functions of keras.ops do not take, or count otherwise, where NumPy takes it.

By kind of array, the names of which some call fails the proof with such arrays, no more and no less: the proof says
which to add or remove (`python -m tests.rules.proven`). Where the source shows what an array holds, it is cast first.
"""

INTEGERS = """
ndarray.clip ndarray.dot ndarray.std ndarray.var numpy.average numpy.cbrt numpy.clip numpy.corrcoef numpy.cov
numpy.deg2rad numpy.diff numpy.dot numpy.exp2 numpy.fmod numpy.full_like numpy.gradient numpy.hypot numpy.inner
numpy.isclose numpy.linalg.cholesky numpy.linalg.det numpy.linalg.eigh numpy.linalg.eigvalsh numpy.linalg.inv
numpy.linalg.matrix_power numpy.linalg.qr numpy.linalg.slogdet numpy.linalg.solve numpy.linalg.svd
numpy.linalg.svdvals numpy.logaddexp2 numpy.min numpy.mod numpy.nanstd numpy.nanvar numpy.pad numpy.polyval numpy.prod
numpy.quantile numpy.rad2deg numpy.reciprocal numpy.sinc numpy.std numpy.sum numpy.trapezoid numpy.var
scipy.spatial.distance.cdist scipy.spatial.distance.correlation scipy.spatial.distance.cosine
scipy.spatial.distance.minkowski scipy.special.cbrt scipy.special.entr scipy.special.erf scipy.special.erfc
scipy.special.erfinv scipy.special.exp10 scipy.special.exp2 scipy.special.expit scipy.special.huber
scipy.special.kl_div scipy.special.log_expit scipy.special.log_ndtr scipy.special.log_softmax scipy.special.logsumexp
scipy.special.ndtr scipy.special.softmax scipy.special.softplus scipy.special.xlog1py scipy.special.xlogy
scipy.stats.gmean scipy.stats.hmean scipy.stats.kurtosis scipy.stats.norm.cdf scipy.stats.norm.logcdf
scipy.stats.norm.logpdf scipy.stats.norm.logsf scipy.stats.norm.pdf scipy.stats.norm.ppf scipy.stats.norm.sf
scipy.stats.skew scipy.stats.zscore sklearn.metrics.d2_absolute_error_score sklearn.metrics.explained_variance_score
sklearn.metrics.mean_absolute_percentage_error sklearn.metrics.mean_pinball_loss sklearn.metrics.mean_poisson_deviance
sklearn.metrics.mean_tweedie_deviance sklearn.metrics.pairwise.cosine_distances
sklearn.metrics.pairwise.cosine_similarity sklearn.metrics.pairwise.laplacian_kernel
sklearn.metrics.pairwise.pairwise_distances sklearn.metrics.pairwise.polynomial_kernel
sklearn.metrics.pairwise.rbf_kernel sklearn.metrics.r2_score
"""

BOOLEANS = """
ndarray.clip ndarray.conj ndarray.conjugate ndarray.dot ndarray.real ndarray.size ndarray.std ndarray.var numpy.add
numpy.average numpy.cbrt numpy.clip numpy.conjugate numpy.copysign numpy.corrcoef numpy.cov numpy.deg2rad numpy.diff
numpy.dot numpy.einsum numpy.exp2 numpy.fmax numpy.fmin numpy.fmod numpy.full_like numpy.greater numpy.greater_equal
numpy.hypot numpy.inner numpy.less_equal numpy.linalg.cholesky numpy.linalg.det numpy.linalg.eigh
numpy.linalg.eigvalsh numpy.linalg.qr numpy.linalg.slogdet numpy.linalg.svd numpy.linalg.svdvals numpy.linalg.vecdot
numpy.logaddexp2 numpy.maximum numpy.minimum numpy.mod numpy.multiply numpy.nanstd numpy.nanvar numpy.pad
numpy.percentile numpy.polyval numpy.power numpy.prod numpy.quantile numpy.rad2deg numpy.real numpy.sinc numpy.size
numpy.std numpy.sum numpy.trapezoid numpy.var numpy.vecdot scipy.special.cbrt scipy.special.entr scipy.special.erf
scipy.special.erfc scipy.special.erfinv scipy.special.exp10 scipy.special.exp2 scipy.special.expit scipy.special.huber
scipy.special.kl_div scipy.special.log_expit scipy.special.log_ndtr scipy.special.logit scipy.special.logsumexp
scipy.special.ndtr scipy.special.rel_entr scipy.special.softplus scipy.special.xlog1py scipy.special.xlogy
"""

HALF_PRECISION = """

"""

TWO_TYPES = """
ndarray.T numpy.average numpy.full_like numpy.hypot numpy.linalg.solve numpy.linalg.vecdot numpy.logaddexp2
numpy.meshgrid numpy.mod numpy.polyval numpy.trapezoid numpy.true_divide numpy.vecdot
scipy.spatial.distance.braycurtis scipy.spatial.distance.canberra scipy.spatial.distance.cdist
scipy.spatial.distance.chebyshev scipy.spatial.distance.cityblock scipy.spatial.distance.correlation
scipy.spatial.distance.cosine scipy.spatial.distance.euclidean scipy.spatial.distance.mahalanobis
scipy.spatial.distance.minkowski scipy.spatial.distance.sqeuclidean scipy.special.kl_div scipy.special.logsumexp
scipy.special.rel_entr scipy.special.xlog1py scipy.special.xlogy scipy.stats.gmean scipy.stats.hmean
scipy.stats.norm.logpdf scipy.stats.wasserstein_distance sklearn.metrics.d2_absolute_error_score
sklearn.metrics.explained_variance_score sklearn.metrics.max_error sklearn.metrics.mean_absolute_error
sklearn.metrics.mean_absolute_percentage_error sklearn.metrics.mean_gamma_deviance sklearn.metrics.mean_pinball_loss
sklearn.metrics.mean_poisson_deviance sklearn.metrics.mean_squared_error sklearn.metrics.mean_squared_log_error
sklearn.metrics.mean_tweedie_deviance sklearn.metrics.median_absolute_error sklearn.metrics.pairwise.cosine_distances
sklearn.metrics.pairwise.cosine_similarity sklearn.metrics.pairwise.euclidean_distances
sklearn.metrics.pairwise.laplacian_kernel sklearn.metrics.pairwise.manhattan_distances
sklearn.metrics.pairwise.pairwise_distances sklearn.metrics.pairwise.rbf_kernel sklearn.metrics.r2_score
sklearn.metrics.root_mean_squared_error sklearn.metrics.root_mean_squared_log_error
"""
