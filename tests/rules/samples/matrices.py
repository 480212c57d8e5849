"""numpy.linalg and numpy.fft: products, factors and equations; lengths, axes and norms."""

from __future__ import annotations

OF = ""
CALLS = """
np.linalg.eigvals(S[:2, :2])
~ np.linalg.eig(S[:2, :2])[0]
np.linalg.matrix_power(S, 1)
np.linalg.matrix_power(S, 2)
np.linalg.matrix_power(S, 3)
np.linalg.matrix_power(S, -1)
np.linalg.matrix_power(S, -2)
tf ! np.linalg.matrix_power(S, 0)
np.linalg.multi_dot([x, S, v])
np.linalg.multi_dot([v, S, u, x])
np.linalg.lstsq(u, v)[0]
np.linalg.lstsq(u, S, rcond=None)[0]
np.linalg.lstsq(u, v)[1]
~ np.linalg.lstsq(u, v)[2]
np.linalg.tensorinv(S, ind=1)
np.linalg.tensorsolve(S, v)
tf ! np.linalg.tensorsolve(S, v, axes=(0,))
np.linalg.cholesky(S, upper=True) => np.linalg.cholesky((S + S.T) / 2, upper=True)
np.linalg.pinv(x, 1e-12)
np.linalg.pinv(x, rtol=1e-12)
! np.linalg.svd(x, hermitian=True)
tf ! np.linalg.pinv(S, hermitian=True)
tf ! np.linalg.eigvalsh(S, UPLO="U")
keras ! np.linalg.eigvalsh(S, UPLO="U")
np.linalg.trace(S, offset=1)
! np.linalg.qr(u, mode="raw")
tf ! np.linalg.cond(S, p=1)

np.fft.fft(x, axis=0)
np.fft.fft(x, n=6)
np.fft.fft(x, n=3, norm="ortho")
np.fft.fft(x, norm="forward")
np.fft.ifft(x, n=6, axis=0, norm="ortho")
np.fft.ifft(x, norm="forward")
np.fft.rfft(x, axis=0)
np.fft.rfft(x, n=6, norm="ortho")
~ np.fft.irfft(c, axis=0)
~ np.fft.irfft(c, 5, norm="forward")
np.fft.hfft(x)
np.fft.hfft(x, n=5, norm="ortho")
np.fft.ihfft(x)
np.fft.ihfft(x, 3, norm="forward")
np.fft.fft2(z, axes=(0, 1))
np.fft.fft2(x, s=(2, 5))
np.fft.fft2(x, norm="ortho")
np.fft.ifft2(x, norm="ortho")
np.fft.rfft2(x, norm="ortho")
~ np.fft.irfft2(c, s=(3, 5))
np.fft.fftn(x)
np.fft.fftn(z)
np.fft.fftn(z, axes=(0, 2), norm="ortho")
~ np.fft.ifftn(c)
np.fft.rfftn(z)
np.fft.rfftn(z, s=(2, 3), axes=(0, 1))
~ np.fft.irfftn(c)
! np.fft.rfftfreq(8)
! np.fft.fft(x, out=c)
"""
