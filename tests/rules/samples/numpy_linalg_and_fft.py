"""numpy.linalg and numpy.fft."""

from __future__ import annotations

OF = ""
CALLS = """
np.linalg.norm(v)
np.linalg.norm(x)
np.linalg.norm(z, axis=2)
np.linalg.norm(x, axis=1)
np.linalg.norm(x - y, axis=-1, keepdims=True)
np.linalg.norm(v, ord=1)
np.linalg.norm(v, 2)
np.linalg.norm(v, ord=np.inf)
np.linalg.norm(v, ord=-np.inf)
np.linalg.norm(v, ord=3)
np.linalg.norm(x, ord=1, axis=1)
np.linalg.norm(x, ord="fro")
np.linalg.norm(S, ord=2)
np.linalg.norm(x, ord=1)
np.linalg.norm(x, ord=np.inf)
np.linalg.norm(z, ord="fro", axis=(1, 2))
np.linalg.norm(x, keepdims=True)
torch np.linalg.norm(S, ord="nuc")
tf ! np.linalg.norm(S, ord="nuc")
torch np.linalg.vector_norm(x)
torch np.linalg.vector_norm(x, ord=1, axis=1, keepdims=True)
torch np.linalg.matrix_norm(x)
torch np.linalg.matrix_norm(x, ord=1, keepdims=True)
np.linalg.det(S)
~ np.linalg.slogdet(S) => tuple(np.linalg.slogdet(S))
np.linalg.inv(S)
torch np.linalg.pinv(x)
np.linalg.solve(S, z2[0])
np.linalg.solve(S, v)
np.linalg.cholesky(S) => np.linalg.cholesky((S + S.T) / 2)
torch np.linalg.eigvalsh(S) => np.linalg.eigvalsh((S + S.T) / 2)
tf np.linalg.eigvalsh(S)
keras np.linalg.eigvalsh(S)
torch np.linalg.svdvals(x)
np.linalg.matmul(x, u)
np.linalg.outer(v, w)
np.linalg.trace(S)
np.linalg.matrix_transpose(x)
! np.linalg.matrix_rank(x)
np.fft.fft(x)
torch np.fft.fft(x, n=6, norm="ortho")
np.fft.fft(x - y)
~ np.fft.fft(c)
np.fft.ifft(x)
~ np.fft.ifft(c)
np.fft.rfft(x)
np.fft.rfft(x, n=3)
np.fft.rfft(x, n=6)
~ np.fft.irfft(c, 4)
~ np.fft.irfft(c)
~ np.fft.irfft(c, n=5)
np.fft.fft2(x)
np.fft.fft2(z)
~ np.fft.fft2(c)
~ np.fft.ifft2(c)
np.fft.rfft2(x)
~ np.fft.irfft2(c)
np.fft.fftshift(x)
np.fft.fftshift(x, axes=1)
np.fft.ifftshift(x)
! np.fft.fftfreq(8)
tf np.linalg.pinv(x)
tf np.linalg.eigh(S)[0]
keras np.linalg.eigh(S)[0]
torch np.linalg.eigh(S)[0] => np.linalg.eigh((S + S.T) / 2)[0]
tf np.linalg.eigh(S)[1] ** 2
keras np.linalg.eigh(S)[1] ** 2
torch np.linalg.eigh(S)[1] ** 2 => np.linalg.eigh((S + S.T) / 2)[1] ** 2
np.linalg.svd(x)[1]
np.linalg.svd(x, full_matrices=False)[1]
np.linalg.svd(u, full_matrices=False)[0] ** 2
np.linalg.svd(x, full_matrices=False)[2] ** 2
np.linalg.svd(x, compute_uv=False)
tf np.linalg.svdvals(x)
keras np.linalg.svdvals(x)
np.linalg.qr(u)[0] ** 2
np.linalg.qr(u)[1] ** 2
np.linalg.cond(S)
np.linalg.cross(u, u * u)
np.linalg.diagonal(S)
np.linalg.diagonal(S, offset=1)
np.linalg.vecdot(x, y)
np.linalg.tensordot(x, y)
np.linalg.tensordot(x, u, axes=1)
tf np.linalg.vector_norm(x, ord=1, axis=1, keepdims=True)
keras np.linalg.vector_norm(x, ord=1, axis=1, keepdims=True)
tf np.linalg.vector_norm(x)
keras np.linalg.vector_norm(x)
tf np.linalg.matrix_norm(x)
keras np.linalg.matrix_norm(x)
tf np.linalg.matrix_norm(x, ord=1, keepdims=True)
keras np.linalg.matrix_norm(x, ord=1, keepdims=True)
"""
