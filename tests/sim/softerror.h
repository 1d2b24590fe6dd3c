/* Errors of esxcli software: a class in brackets, the text, the pointer to the log. */
#ifndef SIM_SOFTERROR_H
#define SIM_SOFTERROR_H

#include "text.h"

/* A text that a host was seen to print. */
const char *sim_soft_error(const char *class, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A text that is NOT known: a test must not depend on its words, nor on its class. */
const char *sim_soft_guess(const char *class, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
