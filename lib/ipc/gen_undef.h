/* lib/ipc/gen_undef.h - end of one reading of a .def file; private to gen.h. */
/* SPDX-License-Identifier: ISC */
#undef MSG
#undef U8
#undef U16
#undef U32
#undef U64
#undef I64
#undef BOOL
#undef STR
#undef FD
#undef END
