// A door to the HDF5 library, which is loaded when the first file is written: reading files does not need it
// (Sources/KerasFiles/README.md says why).
#pragma once
#if __has_include(<hdf5/serial/hdf5.h>)
#include <hdf5/serial/hdf5.h>
#else
#if !__has_include(<hdf5.h>)
#error "The headers of HDF5 are missing: sudo apt-get install libhdf5-dev (README.md lists all that Keras for Swift needs)"
#endif
#include <hdf5.h>
#endif

// The functions in use. To call another, add its name here.
#define CHDF5_FUNCTIONS(F)      \
  F(H5Aclose)                   \
  F(H5Acreate2)                 \
  F(H5Awrite)                   \
  F(H5Dclose)                   \
  F(H5Dcreate2)                 \
  F(H5Dwrite)                   \
  F(H5Eset_auto2)               \
  F(H5Fclose)                   \
  F(H5Fcreate)                  \
  F(H5Fflush)                   \
  F(H5Fget_filesize)            \
  F(H5Fget_vfd_handle)          \
  F(H5Gclose)                   \
  F(H5Gcreate2)                 \
  F(H5Oclose)                   \
  F(H5Oopen)                    \
  F(H5Pclose)                   \
  F(H5Pcreate)                  \
  F(H5Pset_alignment)           \
  F(H5Pset_create_intermediate_group) \
  F(H5Pset_fapl_core)           \
  F(H5Pset_obj_track_times)     \
  F(H5Sclose)                   \
  F(H5Screate)                  \
  F(H5Screate_simple)           \
  F(H5Tclose)                   \
  F(H5Tcopy)                    \
  F(H5Tcreate)                  \
  F(H5Tenum_create)             \
  F(H5Tenum_insert)             \
  F(H5Tset_cset)                \
  F(H5Tset_ebias)               \
  F(H5Tset_fields)              \
  F(H5Tset_size)                \
  F(H5Tset_tag)

// The library's own numbers for types and property lists, valid once it is open.
#define CHDF5_CONSTANTS(C)      \
  C(H5P_CLS_DATASET_CREATE_ID_g) \
  C(H5P_CLS_FILE_ACCESS_ID_g)   \
  C(H5P_CLS_LINK_CREATE_ID_g)   \
  C(H5T_C_S1_g)                 \
  C(H5T_IEEE_F32LE_g)           \
  C(H5T_IEEE_F64LE_g)           \
  C(H5T_STD_I8LE_g)             \
  C(H5T_STD_I16LE_g)            \
  C(H5T_STD_I32LE_g)            \
  C(H5T_STD_I64LE_g)            \
  C(H5T_STD_U8LE_g)

typedef struct {
#define CHDF5_FIELD(NAME) __typeof__(&NAME) NAME;
  CHDF5_FUNCTIONS(CHDF5_FIELD)
#undef CHDF5_FIELD
#define CHDF5_VALUE(NAME) hid_t id_##NAME;
  CHDF5_CONSTANTS(CHDF5_VALUE)
#undef CHDF5_VALUE
} chdf5_functions;

// Loads and opens the library; to be called once. NULL when it is not installed.
const chdf5_functions *chdf5_load(void);
