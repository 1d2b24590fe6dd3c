/* mlxconfig: query, set, reset, version. */
#include "hca.h"
#include "mlxerror.h"
#include "mlxform.h"
#include "mlxparam.h"
#include "tool.h"

#include <string.h>
#include <unistd.h>

enum { RC_ABORTED = 2, RC_ERROR = 3, MAX_NAMES = 64 };

struct options {
	const char *device; /* NULL: all */
	const char *json;
	const char *command;
	const char *names[MAX_NAMES];
	size_t name_count;
	bool verbose; /* -e */
	bool yes;
	bool version;
	bool help;
};

struct run {
	struct sim_call *call;
	struct sim_state *state;
	struct sim_buf *out;
	const struct sim_mlxform *form;
	unsigned version;
	struct options options;
	struct sim_buf json;
};

/* ---- command line ---- */

static void print_usage(struct run *run)
{
	static const char *const commands[] = {"query",	      "set",	 "reset",	  "show_confs",	    "backup",
					       "set_raw",     "get_raw", "xml2raw",	  "raw2xml",	    "xml2bin",
					       "create_conf", "apply",	 "gen_tlvs_file", "clear_semaphore"};

	sim_buf_text(
	    run->out,
	    "    NAME:\n        mlxconfig\n    SYNOPSIS:\n        mlxconfig [Options] <Commands> [Parameters]\n"
	    "    DESCRIPTION:\n        Reads and changes settings that a device keeps in its own memory.\n"
	    "    OPTIONS:\n"
	    "        -d|--dev <device>\t\t: the device\n"
	    "        -b|--db <filename>\t\t: a parameter database\n"
	    "        -f|--file <conf_file>\t\t: a raw file\n"
	    "        -h|--help       \t\t: this text\n"
	    "        -v|--version    \t\t: the version\n"
	    "        -e|--enable_verbosity\t\t: default and current values too\n");
	if (run->version >= 43100) {
		sim_buf_text(run->out,
			     "        -j|--json_format <file>\t\t: the answer to a query as JSON, into a file\n");
	}
	sim_buf_text(run->out, "        -y|--yes        \t\t: no questions\n"
			       "        -a|--all_attrs  \t\t: all attributes in XML\n\n    COMMANDS SUMMARY\n");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		sim_buf_text(run->out, "        ");
		sim_buf_left(run->out, commands[i], 25);
		sim_buf_printf(run->out, ": the command %s.\n", commands[i]);
	}
	sim_buf_text(run->out,
		     "\n    Examples:\n"
		     "        One parameter      : mlxconfig -d mt4115_pciconf0 q NUM_OF_VFS\n"
		     "        A change           : mlxconfig -d mt4115_pciconf0 set SRIOV_EN=1 NUM_OF_VFS=16\n\n");
}

static int usage_error(struct run *run, const char *text)
{
	sim_buf_printf(run->out, "-E- %s\n", text);
	print_usage(run);
	return RC_ERROR;
}

static const char *full_command(const char *word)
{
	static const char *const short_names[][2] = {{"q", "query"}, {"s", "set"}, {"r", "reset"}, {"i", "show_confs"}};

	for (size_t i = 0; i < sizeof short_names / sizeof short_names[0]; i++) {
		if (sim_eq(word, short_names[i][0])) {
			return short_names[i][1];
		}
	}
	return word;
}

static bool is(const char *arg, const char *letter, const char *name)
{
	return sim_eq(arg, letter) || sim_eq(arg, name);
}

/* Returns 0, or an exit code with the error printed. */
static int parse(struct run *run)
{
	struct options *options = &run->options;

	for (int i = 1; i < run->call->argc; i++) {
		const char *arg = run->call->argv[i];
		const bool more = i + 1 < run->call->argc;

		if (is(arg, "-d", "--dev")) { /* a second one replaces the first */
			if (!more) {
				return usage_error(run, "missing device name");
			}
			options->device = run->call->argv[++i];
		} else if (run->version >= 43100 && is(arg, "-j", "--json_format") && more) {
			options->json = run->call->argv[++i];
		} else if ((is(arg, "-b", "--db") || is(arg, "-f", "--file")) && more) {
			i++;
		} else if (is(arg, "-e", "--enable_verbosity")) {
			options->verbose = true;
		} else if (is(arg, "-y", "--yes")) {
			options->yes = true;
		} else if (is(arg, "-v", "--version")) {
			options->version = true;
		} else if (is(arg, "-h", "--help")) {
			options->help = true;
		} else if (arg[0] == '-') {
			return usage_error(run, sim_fmt("invalid argument: %s", arg));
		} else if (options->command == NULL) {
			options->command = full_command(arg);
		} else if (options->name_count < MAX_NAMES) {
			options->names[options->name_count++] = arg;
		}
	}
	return 0;
}

size_t sim_mlxconfig_words(int argc, char **argv, const char **words)
{
	const char *device = NULL;
	const char *command = NULL;
	size_t count = 0;

	for (int i = 1; i < argc; i++) {
		if (is(argv[i], "-d", "--dev") && i + 1 < argc) {
			device = argv[++i];
		} else if (is(argv[i], "-j", "--json_format") || is(argv[i], "-b", "--db") ||
			   is(argv[i], "-f", "--file")) {
			i++;
		} else if (argv[i][0] != '-' && command == NULL) {
			command = full_command(argv[i]);
		}
	}
	if (device != NULL) {
		const char *slash = strrchr(device, '/');

		words[count++] = slash == NULL ? device : slash + 1;
	}
	if (command != NULL) {
		words[count++] = command;
	}
	return count;
}

/* ---- pieces of the answer ---- */

static void device_block(struct run *run, const struct sim_hca *hca, size_t number, const char *device)
{
	const bool unread = sim_truth(sim_hca_get(run->state, hca, "inventory_na", "0"));
	const char *name = unread ? "N/A" : sim_hca_get(run->state, hca, "part", "MCX755106AS-HEA_Ax");
	const char *description =
	    unread ? "N/A"
		   : sim_hca_get(
			 run->state, hca, "description",
			 "NVIDIA ConnectX-7 simulated adapter card; 400GbE / NDR IB (default mode); PCIe 5.0 x16;");

	sim_buf_printf(run->out, "\nDevice #%zu:\n----------\n\n", number);
	sim_mlxform_key(run->out, run->form, "Device type:", hca->model);
	sim_mlxform_key(run->out, run->form, "Name:", name);
	sim_mlxform_key(run->out, run->form, "Description:", description);
	sim_mlxform_key(run->out, run->form, "Device:", device);
	sim_buf_text(run->out, "\n");
}

/* What the firmware can give beside the next value: hca.N.columns = dcn, cn, dn or n. */
static struct sim_mlxcolumns columns_of(const struct run *run, const struct sim_hca *hca)
{
	const char *columns = sim_hca_get(run->state, hca, "columns", "dcn");

	return (struct sim_mlxcolumns){.initial = run->options.verbose && strchr(columns, 'd') != NULL,
				       .current = run->options.verbose && strchr(columns, 'c') != NULL};
}

static bool read_only(const struct run *run, const struct sim_hca *hca, const struct sim_mlxparam *param)
{
	return sim_eq(param->name, "ATS_ENABLED") && sim_truth(sim_hca_get(run->state, hca, "ro", "0"));
}

struct marks {
	bool changed;
	bool read_only;
};

static void add_row(struct run *run, const struct sim_hca *hca, const struct sim_mlxparam *param, const char *new_value,
		    struct marks *marks)
{
	const struct sim_mlxcolumns columns = columns_of(run, hca);
	const char *initial = sim_mlxparam_get(run->state, hca, param, SIM_INITIAL);
	const char *current = sim_mlxparam_get(run->state, hca, param, SIM_CURRENT);
	const char *next = sim_mlxparam_get(run->state, hca, param, SIM_NEXT);
	const char *values[4];
	size_t count = 0;
	/* the star says "next differs from default or current", not "a reboot is pending" */
	const bool changed = (columns.initial && !sim_eq(initial, next)) || (columns.current && !sim_eq(current, next));
	const bool locked = read_only(run, hca, param);

	if (columns.initial) {
		values[count++] = sim_mlxparam_show(param, initial);
	}
	if (columns.current) {
		values[count++] = sim_mlxparam_show(param, current);
	}
	values[count++] = sim_mlxparam_show(param, next);
	if (new_value != NULL) {
		values[count++] = sim_mlxparam_show(param, new_value);
	}
	sim_mlxform_row(run->out, run->form, changed, locked, param->name, values, count);
	marks->changed = marks->changed || changed;
	marks->read_only = marks->read_only || locked;

	struct sim_buf *json = &run->json;
	sim_buf_printf(json, "%s\n\t\t\t\"%s\" : \n\t\t\t{\n", json->len == 0 ? "" : ",", param->name);
	if (columns.current) {
		sim_buf_printf(json, "\t\t\t\t\"current_value\" : \"%s\",\n", sim_mlxparam_show(param, current));
	}
	if (columns.initial) {
		sim_buf_printf(json, "\t\t\t\t\"default_value\" : \"%s\",\n", sim_mlxparam_show(param, initial));
	}
	if (columns.initial || columns.current) {
		sim_buf_printf(json, "\t\t\t\t\"modified\" : %s,\n", changed ? "true" : "false");
	}
	sim_buf_printf(json, "\t\t\t\t\"next_value\" : \"%s\",\n\t\t\t\t\"read_only\" : %s\n\t\t\t}",
		       sim_mlxparam_show(param, next), locked ? "true" : "false");
}

static void trailers(struct run *run, const struct sim_hca *hca, struct marks marks)
{
	const struct sim_mlxcolumns columns = columns_of(run, hca);

	if (marks.changed) {
		sim_buf_text(run->out,
			     "The '*' shows parameters with next value different from default/current value.\n");
	}
	if (run->options.verbose && (!columns.initial || !columns.current)) {
		sim_buf_printf(run->out, "Device Firmware does not support reading %s%s%s configurations\n",
			       columns.initial ? "" : "default", !columns.initial && !columns.current ? " and " : "",
			       columns.current ? "" : "current");
	}
	if (marks.read_only) {
		sim_buf_text(run->out, "\nThe 'RO' shows parameters which are for read only and cannot be changed\n");
	}
}

/* Prints the lines of an error, if there is one at this step. */
static bool failed(struct run *run, const struct sim_hca *hca, enum sim_mlxstep step, const char *param,
		   const char *tlv)
{
	const char *text = sim_mlxerror(run->state, hca, step, param, tlv);

	if (text == NULL) {
		return false;
	}
	sim_buf_text(run->out, text);
	sim_mlxerror_count(run->state, hca);
	return true;
}

static int unknown_param(struct run *run, const char *name)
{
	if (run->version >= 43600) {
		sim_buf_printf(run->out, "-E- Failed to find Param / TLV with name '%s' port 0 module -1\n", name);
	} else {
		sim_buf_printf(run->out, "-E- Unknown Parameter: %s\n", name);
	}
	return RC_ERROR;
}

/* NULL with the error printed if the HCA has no such parameter. */
static const struct sim_mlxparam *param_of(struct run *run, const struct sim_hca *hca, const char *name)
{
	const struct sim_mlxparam *param = sim_mlxparam_find(name);

	if (param == NULL) {
		(void)unknown_param(run, name);
		return NULL;
	}
	if (failed(run, hca, SIM_STEP_PARAM, name, param->tlv)) {
		return NULL;
	}
	if (sim_truth(sim_getf(run->state, "0", "%s.param.%s.unsupported", hca->key, name))) {
		sim_buf_printf(run->out, "-E- The Device doesn't support %s parameter\n", name);
		return NULL;
	}
	return param;
}

/* Prints block and heads; false with the error printed. */
static bool open_hca(struct run *run, const struct sim_hca *hca, size_t number, const char *device, bool set)
{
	if (failed(run, hca, SIM_STEP_OPEN, "", "")) {
		if (sim_eq(sim_hca_get(run->state, hca, "error", ""), "open") && run->version < 43600) {
			sim_buf_printf(&run->call->err, "Unable to parse device name %s\n", device);
		}
		return false;
	}
	device_block(run, hca, number, device);
	if (run->options.verbose && failed(run, hca, SIM_STEP_PROBE, "", "")) {
		return false;
	}
	sim_mlxform_head(run->out, run->form, columns_of(run, hca), set);
	return true;
}

/* ---- query ---- */

static int query_all_params(struct run *run, const struct sim_hca *hca)
{
	const bool partly = sim_mlxerror(run->state, hca, SIM_STEP_PARTLY, "", "") != NULL;
	struct marks marks = {false, false};

	if (sim_mlxerror(run->state, hca, SIM_STEP_GET, "", "") != NULL) {
		sim_buf_text(run->out, "-E- Device doesn't support any configuration changes.\n");
		sim_mlxerror_count(run->state, hca);
		return RC_ERROR;
	}
	for (size_t i = 0; i < sim_mlxparam_count; i++) {
		const struct sim_mlxparam *param = &sim_mlxparams[i];

		if ((partly && sim_eq(param->tlv, "nv_pci_conf")) ||
		    sim_mlxerror(run->state, hca, SIM_STEP_PARAM, param->name, param->tlv) != NULL ||
		    sim_truth(sim_getf(run->state, "0", "%s.param.%s.unsupported", hca->key, param->name))) {
			continue;
		}
		add_row(run, hca, param, NULL, &marks);
	}
	trailers(run, hca, marks);
	return failed(run, hca, SIM_STEP_PARTLY, "", "") ? RC_ERROR : 0;
}

static int query_names(struct run *run, const struct sim_hca *hca)
{
	const struct sim_mlxparam *params[MAX_NAMES];
	struct marks marks = {false, false};

	for (size_t i = 0; i < run->options.name_count; i++) {
		params[i] = param_of(run, hca, run->options.names[i]);
		if (params[i] == NULL) {
			return RC_ERROR;
		}
	}
	for (size_t i = 0; i < run->options.name_count; i++) {
		if (failed(run, hca, SIM_STEP_GET, params[i]->name, params[i]->tlv)) {
			return RC_ERROR;
		}
	}
	for (size_t i = 0; i < run->options.name_count; i++) {
		add_row(run, hca, params[i], NULL, &marks);
	}
	trailers(run, hca, marks);
	return 0;
}

static int query_hca(struct run *run, const struct sim_hca *hca, size_t number, const char *device)
{
	if (!open_hca(run, hca, number, device, false)) {
		return RC_ERROR;
	}
	return run->options.name_count == 0 ? query_all_params(run, hca) : query_names(run, hca);
}

/* One device's object in the JSON document. */
static void add_json_device(struct run *run, struct sim_buf *document, const struct sim_hca *hca, size_t number,
			    const char *device)
{
	sim_buf_printf(document,
		       "%s\t\"Device #%zu\" : \n\t{\n\t\t\"description\" : \"%s\",\n\t\t\"device\" : \"%s\",\n"
		       "\t\t\"device_type\" : \"%s\",\n\t\t\"name\" : \"%s\",\n\t\t\"tlv_configuration\" : \n\t\t{",
		       number == 1 ? "" : ",\n", number,
		       sim_hca_get(run->state, hca, "description", "NVIDIA ConnectX-7 simulated adapter card"), device,
		       hca->model, sim_hca_get(run->state, hca, "part", "MCX755106AS-HEA_Ax"));
	sim_buf_bytes(document, run->json.data, run->json.len);
	sim_buf_text(document, "\n\t\t}\n\t}");
	run->json = (struct sim_buf){0};
}

/* The table goes to the file instead of stdout. */
static int save_json(struct run *run, const struct sim_buf *devices, size_t before, int rc)
{
	struct sim_buf errors = {0};

	for (char *line = run->out->data == NULL ? NULL : run->out->data + before; line != NULL && *line != '\0';) {
		const size_t len = strcspn(line, "\n") + 1;

		if (sim_starts(line, "-E-")) {
			sim_buf_bytes(&errors, line, len);
		}
		line += strnlen(line, len);
	}
	run->out->len = before;
	const char *slash = strrchr(run->options.json, '/');
	const char *folder = slash == NULL ? "." : sim_copy(run->options.json, (size_t)(slash - run->options.json) + 1);
	if (access(folder, W_OK) != 0) {
		sim_buf_printf(&run->call->err, "Failed to open \"%s\". Reason: No such file or directory\n",
			       run->options.json);
		return RC_ERROR;
	}
	const char *text = devices->len == 0 ? "{}\n" : sim_fmt("{\n%s\n}\n", devices->data);
	sim_file_replace(run->options.json, text, strlen(text));
	if (rc != 0) {
		sim_buf_bytes(run->out, errors.data, errors.len);
		sim_buf_printf(run->out, "Query output saved to %s but one or more devices had an error.\n",
			       run->options.json);
	} else {
		sim_buf_printf(run->out, "%sQuery output saved to %s successfully\n", run->version >= 43600 ? "" : "\n",
			       run->options.json);
	}
	return rc;
}

static int not_there(struct run *run, const char *device)
{
	if (run->version >= 43600) {
		sim_buf_text(run->out, "-E- Failed to open the device\n");
	} else {
		sim_buf_printf(&run->call->err, "Unable to parse device name %s\n", device);
	}
	sim_buf_text(run->out, "-E- Failed to open the device\n");
	return RC_ERROR;
}

static int query(struct run *run, const struct sim_hca *hcas, size_t count)
{
	const size_t before = run->out->len;
	struct sim_buf devices = {0};
	int rc = 0;

	if (run->options.device != NULL) {
		const struct sim_hca *hca = sim_hca_find(hcas, count, run->options.device);

		if (hca == NULL) {
			rc = not_there(run, run->options.device);
		} else {
			rc = query_hca(run, hca, 1, run->options.device);
			if (rc == 0) {
				add_json_device(run, &devices, hca, 1, run->options.device);
			}
		}
	} else {
		size_t number = 0;

		if (count == 0) {
			sim_buf_text(run->out, "No devices found, mst might be stopped. You may need to run 'mst "
					       "start' to load MST modules. \n");
			return RC_ERROR;
		}
		for (size_t i = 0; i < count; i++) {
			for (unsigned f = 0; f < hcas[i].functions; f++) {
				const char *device = f == 0 ? hcas[i].mst : sim_fmt("%s.%u", hcas[i].mst, f);
				const int one = query_hca(run, &hcas[i], ++number, device);

				if (one == 0) {
					add_json_device(run, &devices, &hcas[i], number, device);
				}
				rc = one != 0 ? one : rc;
			}
		}
	}
	return run->options.json == NULL ? rc : save_json(run, &devices, before, rc);
}

/* ---- set ---- */

/* Reads an answer from stdin. */
static bool agreed(const struct run *run)
{
	char c = 0;

	if (run->options.yes) {
		return true;
	}
	return read(STDIN_FILENO, &c, 1) == 1 && (c == 'y' || c == 'Y');
}

static int finish_set(struct run *run, const struct sim_hca *hca, const char *question)
{
	sim_buf_printf(run->out, "\n %s? (y/n) [n] : ", question);
	if (!agreed(run)) {
		sim_buf_text(run->out, "-E- Aborted by user.\n");
		return RC_ABORTED;
	}
	sim_buf_text(run->out, run->options.yes ? "y\n" : "");
	if (sim_mlxerror(run->state, hca, SIM_STEP_SET, "", "") != NULL) {
		sim_buf_text(run->out, "Applying... Failed!\n");
		(void)failed(run, hca, SIM_STEP_SET, "", "nv_pci_conf");
		return RC_ERROR;
	}
	return 0;
}

static void applied(struct run *run, const struct sim_hca *hca)
{
	const char *cold = sim_hca_get(run->state, hca, "needs_cold", "0");
	const bool power = sim_truth(sim_hca_get(run->state, hca, "power_line", cold));

	sim_buf_printf(run->out, "Applying... Done!\n-I- Please %s machine to load new configurations.\n",
		       power ? "power cycle" : "reboot");
}

static int set(struct run *run, const struct sim_hca *hcas, size_t count)
{
	const struct sim_mlxparam *params[MAX_NAMES];
	const char *values[MAX_NAMES];
	const char *names[MAX_NAMES];
	struct marks marks = {false, false};
	struct options *options = &run->options;

	if (options->name_count == 0) {
		return usage_error(
		    run, "missing configuration arguments. For more information please read the help message:");
	}
	for (size_t i = 0; i < options->name_count; i++) {
		const char *equal = strchr(options->names[i], '=');

		if (equal == NULL || equal == options->names[i] || equal[1] == '\0') {
			return usage_error(run, sim_fmt("Invalid Configuration argument %s", options->names[i]));
		}
		names[i] = sim_copy(options->names[i], (size_t)(equal - options->names[i]));
		values[i] = equal + 1;
		for (size_t n = 0; n < i; n++) {
			if (sim_eq(names[n], names[i])) {
				return usage_error(run, sim_fmt("Duplicate parameter, %s.", names[i]));
			}
		}
	}
	if (options->device == NULL) {
		return usage_error(run, "set command expects device to be specified.");
	}
	const struct sim_hca *hca = sim_hca_find(hcas, count, options->device);
	if (hca == NULL) {
		return not_there(run, options->device);
	}
	if (!open_hca(run, hca, 1, options->device, true)) {
		return RC_ERROR;
	}
	for (size_t i = 0; i < options->name_count; i++) {
		params[i] = param_of(run, hca, names[i]);
		if (params[i] == NULL) {
			return RC_ERROR;
		}
		if (read_only(run, hca, params[i])) {
			sim_buf_printf(run->out, "-E- The Device doesn't support %s parameter\n", names[i]);
			return RC_ERROR;
		}
		const char *number = sim_mlxparam_parse(params[i], values[i]);
		if (number == NULL) {
			sim_buf_printf(run->out, "-E- Unknown value %s\n", values[i]);
			return RC_ERROR;
		}
		values[i] = number;
	}
	for (size_t i = 0; i < options->name_count; i++) {
		if (failed(run, hca, SIM_STEP_GET, names[i], params[i]->tlv)) {
			return RC_ERROR;
		}
	}
	for (size_t i = 0; i < options->name_count; i++) {
		add_row(run, hca, params[i], values[i], &marks);
	}
	trailers(run, hca, marks);
	const int rc = finish_set(run, hca, "Apply new Configuration");
	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; i < options->name_count && !sim_truth(sim_hca_get(run->state, hca, "ignores_set", "0"));
	     i++) {
		sim_mlxparam_set_next(run->state, hca, params[i], values[i]);
	}
	applied(run, hca);
	return 0;
}

static int reset(struct run *run, const struct sim_hca *hcas, size_t count)
{
	if (run->options.device == NULL) {
		return usage_error(run, "reset command expects device to be specified.");
	}
	const struct sim_hca *hca = sim_hca_find(hcas, count, run->options.device);
	if (hca == NULL) {
		return not_there(run, run->options.device);
	}
	if (failed(run, hca, SIM_STEP_OPEN, "", "")) {
		return RC_ERROR;
	}
	const int rc = finish_set(run, hca, sim_fmt("Reset configuration for device %s", run->options.device));
	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; i < sim_mlxparam_count; i++) {
		sim_mlxparam_set_next(run->state, hca, &sim_mlxparams[i],
				      sim_mlxparam_get(run->state, hca, &sim_mlxparams[i], SIM_INITIAL));
	}
	applied(run, hca);
	return 0;
}

int sim_mlxconfig(struct sim_call *call)
{
	struct run run = {
	    .call = call, .state = call->state, .out = &call->out, .version = sim_mft_version(call->state)};
	struct sim_hca *hcas;

	run.form = sim_mlxform(run.version);
	const int rc = parse(&run);
	if (rc != 0) {
		return rc;
	}
	if (run.options.version) {
		sim_buf_printf(run.out, "mlxconfig, mft %s, built on Jan 12 2026, 10:11:12. Git SHA Hash: N/A\n",
			       sim_mft_version_text(call->state));
		return 0;
	}
	if (run.options.help) {
		print_usage(&run);
		return 0;
	}
	if (run.options.command == NULL) {
		return usage_error(&run, "No command found. For more information please read the help message:");
	}
	const size_t count = sim_hca_list(call->state, &hcas);
	if (sim_eq(run.options.command, "query")) {
		return query(&run, hcas, count);
	}
	if (sim_eq(run.options.command, "set")) {
		return set(&run, hcas, count);
	}
	if (sim_eq(run.options.command, "reset")) {
		return reset(&run, hcas, count);
	}
	return usage_error(&run, sim_fmt("invalid argument: %s", run.options.command));
}
