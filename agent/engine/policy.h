/* Policy: what a site wants of its hosts. A file in YAML lies over the built-in one (builtin_policy.yaml), key by key.
 *
 *     name: site-a                      shown in reports; else the file's path
 *     devices:
 *       hca: ["15b3:1021"]              PCI ids of the HCAs that must be prepared
 *     expect:                           counts; a host with others fails
 *       gpus: 8
 *       nvswitches: 4
 *       hcas: 8                         else: as many as there are GPUs
 *     checks:
 *       ID: {want: VALUE, severity: blocker|major|minor|info}
 *     psb:                              the PCIe switch boards
 *       minimum: "4.160.3.0"            of boards of any maker; else that, of Dell's
 *       version: "4.160.3.0"            what the boards have, where the host does not tell
 *       match: PATTERN                  their entries in the BMC's firmware inventory
 *     accept_default: true|false        the reset method `default` passes where flr is in force
 *     mft_query: always|idle|never      may the MFT tools be asked: always, only while no VM runs, never
 *     time_limits:
 *       call_s: 60
 *       run_s: 600
 *     redfish:                          access to the host's BMC; without it nothing is asked of it
 *       url: https://192.0.2.17         or auto: the host is asked for the address
 *       credentials_file: /PATH         mode 0600: io/http.h
 *       cafile: /PATH                   whom to trust: one or both of these two,
 *       pin: sha256//BASE64
 *       insecure: true                  or this, which every finding mentions
 *       connect_s: 10
 *       request_s: 60
 *     bios:                             which attributes are meant, by maker: tools/tool.h
 *       bios-ID: [{vendor: P, model: P, attribute: [P, ...], want: [V, ...], optional: true}]
 *
 * Keys that are not known, values of the wrong type and keys that stand twice are refused with their place.
 */
#ifndef HP_ENGINE_POLICY_H
#define HP_ENGINE_POLICY_H

#include "../../checks/check.h"
#include "../base/err.h"
#include "../tools/tool.h"

#define HP_POLICY_LIMIT ((size_t)256 << 10) /* bytes */

struct hp_policy {
	const char *name, *source, *sha256;
	struct hp_str bytes; /* as it was read */
	struct hp_ask_options ask;
	int gpus, nvswitches, hcas; /* -1: not said */
	bool accept_default;
	struct hp_psb_policy psb;
	unsigned call_s, run_s;	    /* 0: not said */
	const char **want;	    /* per check, in the table's order */
	enum hp_severity *severity; /* per check */
};

/* The built-in policy. */
int hp_policy_builtin(struct hp_arena *a, struct hp_policy *ret, struct hp_err *err);
/* Lays a file's bytes over *policy. `source` names them in messages and reports. */
int hp_policy_overlay(struct hp_arena *a, struct hp_str bytes, const char *source, struct hp_policy *policy,
		      struct hp_err *err);

#endif
