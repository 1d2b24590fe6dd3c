/* How dense a sweep is: of the places to be disturbed (cuts of a reply, allocations, bits) every Nth is tried. N is
 * HP_SWEEP_STEP of the environment, and 1 without it; HP_SWEEP_ALL=1 tries every place whatever N is. */
#ifndef TESTS_FAULTS_SWEEP_STEP_H
#define TESTS_FAULTS_SWEEP_STEP_H

/* At least 1. */
unsigned sweep_step(void);
/* For the first of many cases that go much the same way: sixteen times as dense, so that no place of the code is far
 * from one that is tried. */
unsigned sweep_step_first(void);

#endif
