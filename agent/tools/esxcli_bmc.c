/* esxcli hardware ipmi bmc get: where the host's BMC is. Field names by govmomi's metadata of 8.0.1; IPv4Address was
 * seen. */
#include "asks.h"
#include "esxcli.h"

static bool is_address(struct hp_str s)
{
	size_t dots = 0;
	for (size_t i = 0; i < s.n; i++) {
		dots += s.p[i] == '.';
		if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	}
	return dots == 3 && s.n >= 7 && s.n <= 15 && !hp_str_eq(s, "0.0.0.0");
}

static const char *bmc_records(struct hp_asking *asking, const struct hp_records *all, const char *source)
{
	struct hp_str address;
	const struct hp_record *r = all->records[0];
	if (all->count != 1 || !hp_record_get(r, "ipv4address", &address) || !is_address(address))
		return "tells no IPv4 address of the BMC";
	struct hp_fact *f = hp_fact_put(asking->facts, HP_HOST, "bmc-address");
	f->now = hp_present(hp_copy(asking->arena, address));
	f->evidence[0] = hp_evidence(source, r->bytes);
	return NULL;
}

static void bmc_none(struct hp_asking *asking, const char *why, const char *hint)
{
	(void)hint;
	hp_fact_put(asking->facts, HP_HOST, "bmc-address")->now =
	    hp_no_data(why, "Name the BMC's address in the policy: redfish, url.");
}

static const struct hp_esxcli_topic bmc_topic = {
    .words = {"hardware", "ipmi", "bmc", "get"}, .records = bmc_records, .none = bmc_none};
const struct hp_ask hp_ask_bmc_address = {
    .name = "bmc-address", .put = hp_esxcli_put, .read = hp_esxcli_read, .details = &bmc_topic};
