/* SPDX-License-Identifier: (MIT OR GPL-2.0) */
/*
 * Settings of one attachment. User space writes them before the object is loaded; from then on they
 * are constants to the verifier, which removes the code that they switch off.
 */
#ifndef INSPECTOR_CONFIG_H
#define INSPECTOR_CONFIG_H

#include "event.h"

/*
 * The whole of .rodata: user space overwrites the section with CONFIG_BYTES bytes, so no other
 * constant may be placed there: a test checks the size.
 */
volatile const struct inspector_config config = { 0 };

#endif
