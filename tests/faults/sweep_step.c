#include "sweep_step.h"

#include <stdlib.h>

#include "../../agent/base/num.h"

#define DENSER 16u

unsigned sweep_step(void)
{
	const char *given = getenv("HP_SWEEP_STEP");
	uint64_t step = 1;
	if (getenv("HP_SWEEP_ALL") || !given || !hp_number(hp_str(given), 10, 1000, &step) || !step)
		return 1;
	return (unsigned)step;
}

unsigned sweep_step_first(void)
{
	return sweep_step() / DENSER + 1;
}
