/* Inventory: which devices are GPUs, NVSwitches and HCAs, and which row of mst is whose.
 *
 * An HCA is a physical function whose id the policy lists. One that VMkernel uses (it carries an uplink or virtual
 * functions) is named but not judged. GPUs are class 0300 and 0302 of vendor 10de, NVSwitches class 0680.
 */
#ifndef HP_ENGINE_INVENTORY_H
#define HP_ENGINE_INVENTORY_H

#include "../../checks/check.h"
#include "../tools/tool.h"

void hp_inventory_make(struct hp_arena *a, const struct hp_facts *facts, const struct hp_ask_options *options,
		       struct hp_inventory *ret);

#endif
