/* Sources: the paper, 8.4; the comment of /etc/vmware/passthru.map in ESXi 6.7 (VMkernel prefers flr where nothing is
 * said). Which of several matching lines wins is not documented, so every one must say what is wanted. */
#include <string.h>

#include "check.h"

static void advise(struct hp_judge *j, struct hp_finding *f, const struct hp_map *map, const struct hp_device *d,
		   unsigned lines)
{
	struct hp_buf b = hp_buf(j->arena);
	if (!lines)
		hp_putf(&b, "Add the line \"10de ffff %s false\" to /" HP_MAP_PATH, j->want);
	for (size_t i = 0; i < map->count && lines; i++) {
		const struct hp_map_line *l = &map->lines[i];
		if (!hp_map_matches(l, d->vendor, d->device) || hp_str_eq(l->method, j->want))
			continue;
		hp_putf(&b,
			b.n ? ", in line %u \"%.*s\" to \"%s\""
			    : "In line %u of /" HP_MAP_PATH " change \"%.*s\" to \"%s\"",
			l->number, (int)l->method.n, l->method.p, j->want);
	}
	hp_putf(&b, "; run /sbin/auto-backup.sh%s.", hp_then_reboot(f, false));
	hp_remedy(f, hp_built_text(&b), "vi /" HP_MAP_PATH);
}

static void judge_gpu(struct hp_judge *j, const struct hp_device *d, const struct hp_fact *file,
		      const struct hp_map *map)
{
	unsigned lines = 0;
	struct hp_str record = {NULL, 0};
	struct hp_fact fact = {.now = hp_reset_method(j->arena, d), .next = file->now, .evidence = {d->evidence}};
	if (file->now.is == HP_PRESENT)
		fact.next = hp_map_method(j->arena, map, d->vendor, d->device, j->want, &lines, &record);
	if (record.p)
		fact.evidence[1] = (struct hp_evidence){.source = file->evidence[0].source, .record = record};
	bool chosen_by_vmkernel = fact.next.is == HP_PRESENT && strcmp(fact.next.text, "default") == 0;
	struct hp_finding *f = hp_expect(j, d->sbdf, "The reset method", j->want, &fact);
	if (chosen_by_vmkernel && j->accept_default && f->state == HP_REGRESSING && strcmp(j->want, "flr") == 0) {
		f->state = HP_PASS;
		f->text = hp_format(j->arena,
				    "The reset method is flr. /%s leaves the choice to VMkernel, which prefers flr.",
				    HP_MAP_PATH);
	}
	if (lines > 1 && f->state != HP_UNKNOWN)
		f->text =
		    hp_format(j->arena,
			      "%s %u lines of /" HP_MAP_PATH " match it; which one wins is not documented, so all must "
			      "say %s.",
			      f->text, lines, j->want);
	if (f->state != HP_FAIL && f->state != HP_REGRESSING)
		return;
	advise(j, f, map, d, lines);
	hp_set_reset_method(f, d);
}

static void evaluate(struct hp_judge *j)
{
	const struct hp_inventory *v = j->inventory;
	const struct hp_fact *file = hp_fact(j->facts, HP_HOST, "passthru-map");
	struct hp_map map = {0};
	if (v->pci.is != HP_PRESENT) {
		(void)hp_say_no_data(j, HP_HOST, &v->pci);
		return;
	}
	if (!v->gpu_count)
		(void)hp_say(j, HP_HOST, j->expect_gpus == 0 ? HP_NOT_APPLICABLE : HP_UNKNOWN,
			     "There is no GPU to look at.");
	if (file->now.is == HP_PRESENT)
		hp_map_read(j->arena, file->evidence[0].record, &map);
	for (size_t i = 0; i < v->gpu_count; i++)
		judge_gpu(j, v->gpus[i], file, &map);
}

const struct hp_check hp_check_gpu_reset = {
    .id = "gpu-reset",
    .title = "GPU reset method",
    .severity = HP_BLOCKER,
    .want_kind = HP_WANT_RESET_METHOD,
    .want = "flr",
    .fixable = true,
    .reboot = HP_REBOOT_ANY,
    .needs = {"pci-devices", "passthru-map"},
    .tags = {"gpu"},
    .evaluate = evaluate,
    .looks_at =
	"For each GPU the Reset Method of `esxcli hardware pci list` (in force) and the lines of "
	"/etc/vmware/passthru.map that match it (next boot). Every matching line must say flr. No matching line, or "
	"`default`, leaves the choice to VMkernel, which prefers flr: that passes while flr is in force (policy: "
	"accept_default).",
    .why = "A bridge reset takes down everything behind the bridge, so GPUs on one switch board cannot be given to VMs "
	   "one by one, and a VM's reset can disturb its neighbour's HCA.",
    .fixed_by = "Changing the method in each matching line of /etc/vmware/passthru.map to flr, in place, then "
		"/sbin/auto-backup.sh and a reboot. `10de ffff` reaches the NVSwitches too.",
    .undone_by = "Putting back the method that the lines had before, then a reboot.",
};
