#include "KerasKernels.h"
