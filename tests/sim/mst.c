/* mst: the list of devices that MFT sees, as ESX prints it. Forms: NVIDIA's MFT documentation for VMware, a capture of
 * MFT 4.18 on ESXi 7.0, the paper's section 8.3, and mst_utils of mstflint for the later columns. */
#include "hca.h"
#include "tool.h"

#include <string.h>

static int nothing(struct sim_call *call)
{
	sim_buf_text(&call->out, "\n    No MST devices were found or MST modules are not loaded.\n"
				 "    You may need to run 'mst start' to load MST modules.\n");
	return (int)(sim_get_num(call->state, "mst.none_rc", 1) & 0xff);
}

static int plain_status(struct sim_call *call, const struct sim_hca *hcas, size_t count)
{
	const char *prefix = sim_get(call->state, "mst.prefix", "");

	sim_buf_text(&call->out, "MST devices:\n");
	if (*prefix == '\0') { /* the old vmklinux driver has the prefix /dev/ and no rule */
		sim_buf_text(&call->out, "------------\n");
	}
	for (size_t i = 0; i < count; i++) {
		for (unsigned f = 0; f < hcas[i].functions; f++) {
			sim_buf_printf(&call->out, "%s%s%s\n", prefix, hcas[i].mst, f == 0 ? "" : sim_fmt(".%u", f));
		}
		if (sim_truth(sim_hca_get(call->state, &hcas[i], "cr", "0"))) {
			const char *at = strstr(hcas[i].mst, "_pciconf");

			sim_buf_printf(&call->out, "%s%.*s_pci_cr%u\n", prefix,
				       (int)(at == NULL ? 0 : at - hcas[i].mst), hcas[i].mst, hcas[i].index);
		}
	}
	return 0;
}

struct columns {
	size_t net_width;
	bool slide; /* without an RDMA device its cell is left out, and NET slides into its place */
	bool vfio, fwctl, state;
	bool domain; /* PCI addresses with 0000: */
	const char *prefix;
};

static struct columns columns_of(const struct sim_state *state, const struct sim_hca *hcas, size_t count)
{
	const unsigned version = sim_mft_version(state);
	const char *slide = sim_get(state, "mst.slide", "auto");
	struct columns ret = {
	    .net_width = version < 42200 ? 26 : 40, /* 26 in the capture of 4.18 on ESX */
	    .slide = sim_eq(slide, "auto") ? version < 43600 : sim_truth(slide),
	    .vfio = version >= 43300,
	    .fwctl = version >= 43500,
	    .state = version >= 43600,
	    .domain = sim_get_bool(state, "mst.domain", false),
	    .prefix = sim_get(state, "mst.prefix", ""),
	};

	if (version >= 43600) { /* as wide as its longest value */
		ret.net_width = 5;
		for (size_t i = 0; i < count; i++) {
			const size_t len = *hcas[i].uplink == '\0' ? 0 : strlen(hcas[i].uplink) + 6;

			ret.net_width = len > ret.net_width ? len : ret.net_width;
		}
	}
	return ret;
}

static void add_row(struct sim_call *call, const struct columns *columns, const struct sim_hca *hca, const char *device,
		    const char *address)
{
	const struct sim_state *state = call->state;
	const char *type = sim_hca_get(state, hca, "type", sim_fmt("%s(rev:0)", hca->model));
	const char *rdma = sim_hca_get(state, hca, "rdma", "");
	const char *numa = sim_get_bool(state, "mst.numa", false) ? hca->index < 4 ? "0" : "1" : "";

	sim_buf_left(&call->out, type, 24);
	sim_buf_left(&call->out, sim_fmt("%s%s", columns->prefix, device), 30);
	sim_buf_left(&call->out, columns->domain || !sim_starts(address, "0000:") ? address : address + 5,
		     columns->domain ? 16 : 10);
	if (*rdma != '\0' || !columns->slide) {
		sim_buf_left(&call->out, rdma, 16);
	}
	sim_buf_left(&call->out, *hca->uplink == '\0' ? "" : sim_fmt("net-%s", hca->uplink), columns->net_width);
	sim_buf_left(&call->out, numa, 6);
	if (columns->vfio) {
		sim_buf_left(&call->out, "", 8);
	}
	if (columns->fwctl) {
		sim_buf_left(&call->out, "", 8);
	}
	if (columns->state) {
		sim_buf_left(&call->out, sim_eq(type, "NA") ? "recovery" : "", 8);
	}
	while (call->out.len > 0 && call->out.data[call->out.len - 1] == ' ' &&
	       !sim_get_bool(state, "mst.trailing_blanks", false)) {
		call->out.len--;
	}
	sim_buf_text(&call->out, sim_get_bool(state, "mst.row_gap", false) ? "\n\n" : "\n");
}

static int table_status(struct sim_call *call, const struct sim_hca *hcas, size_t count)
{
	const struct columns columns = columns_of(call->state, hcas, count);
	struct sim_buf *out = &call->out;

	sim_buf_text(out, "PCI devices:\n------------\n");
	sim_buf_left(out, "DEVICE_TYPE", 24);
	sim_buf_left(out, "MST", 30);
	sim_buf_left(out, "PCI", columns.domain ? 16 : 10);
	sim_buf_left(out, "RDMA", 16);
	sim_buf_left(out, "NET", columns.net_width);
	sim_buf_left(out, "NUMA", columns.vfio ? 6 : 4);
	sim_buf_text(out, columns.vfio ? "VFIO    " : "");
	sim_buf_text(out, columns.fwctl ? "FWCTL   " : "");
	sim_buf_text(out, columns.state ? "STATE   " : "");
	sim_buf_text(out, "\n");
	for (size_t i = 0; i < count; i++) {
		for (unsigned f = 0; f < hcas[i].functions; f++) {
			add_row(call, &columns, &hcas[i], f == 0 ? hcas[i].mst : sim_fmt("%s.%u", hcas[i].mst, f),
				sim_hca_address(&hcas[i], f));
		}
		if (sim_truth(sim_hca_get(call->state, &hcas[i], "cr", "0"))) {
			const char *at = strstr(hcas[i].mst, "_pciconf");

			add_row(call, &columns, &hcas[i],
				sim_fmt("%.*s_pci_cr%u", (int)(at == NULL ? 0 : at - hcas[i].mst), hcas[i].mst,
					hcas[i].index),
				hcas[i].address);
		}
	}
	return 0;
}

static int start(struct sim_call *call)
{
	const char *state = sim_get(call->state, "mst.state", "ok");

	if (sim_eq(state, "none") && !sim_truth(sim_get(call->state, "mst.module", "1"))) {
		sim_buf_text(&call->out, "Failed to load module mst\n"); /* the real text is not known */
		return 1;
	}
	if (!sim_eq(state, "stopped")) {
		sim_buf_text(&call->out, "Module mst is already loaded\n");
		return 0;
	}
	sim_put(call->state, "mst.state", "ok");
	sim_buf_text(&call->out, "Module mst loaded successfully\n");
	return 0;
}

int sim_mst(struct sim_call *call)
{
	struct sim_hca *hcas;
	const size_t count = sim_hca_list(call->state, &hcas);
	const char *command = call->argc > 1 ? call->argv[1] : "";
	bool table = false;

	for (int i = 2; i < call->argc; i++) {
		table = table || sim_starts(call->argv[i], "-v");
	}
	if (sim_eq(command, "status")) {
		return count == 0 ? nothing(call)
		       : table	  ? table_status(call, hcas, count)
				  : plain_status(call, hcas, count);
	}
	if (sim_eq(command, "start") || sim_eq(command, "restart")) {
		return start(call);
	}
	if (sim_eq(command, "stop")) {
		if (sim_eq(sim_get(call->state, "mst.state", "ok"), "ok")) {
			sim_put(call->state, "mst.state", "stopped");
		}
		sim_buf_text(&call->out, "Module mst unloaded successfully\n");
		return 0;
	}
	if (sim_eq(command, "version")) {
		sim_buf_printf(&call->out, "mst, mft %s, built on Jan 12 2026, 10:11:12. Git SHA Hash: N/A\n",
			       sim_mft_version_text(call->state));
		return 0;
	}
	sim_buf_text(&call->out, "Usage: mst {start|stop|restart|status|version} [-v]\n");
	return 1;
}
