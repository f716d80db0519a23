#if !__has_include(<cblas.h>)
#error "The headers of OpenBLAS are missing: sudo apt-get install libopenblas-dev pkg-config (README.md lists all that Keras for Swift needs)"
#endif
#include <cblas.h>

/* Of LAPACK, which is in the same library: eigenvalues and vectors of a symmetric matrix. */
void dsyevd_(
    const char *job, const char *half, const int *n, double *matrix, const int *stride, double *values, double *work,
    const int *work_length, int *whole, const int *whole_length, int *status);
