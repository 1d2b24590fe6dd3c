#include "page.h"

#include <openssl/evp.h>
#include <string.h>

#include "../base/xml.h"
#include "page_files.h"

#define HOSTS_SHOWN 500u /* names without a script */
#define CHECKS_SHOWN 50u

/* 'sha256-...' of what stands between an element's tags. */
static const char *digest(struct hp_arena *a, struct hp_str bytes)
{
	unsigned char sum[32];
	unsigned char base64[48];
	if (EVP_Digest(bytes.p, bytes.n, sum, NULL, EVP_sha256(), NULL) != 1)
		return NULL;
	int n = EVP_EncodeBlock(base64, sum, sizeof sum);
	return hp_format(a, "'sha256-%.*s'", n, (const char *)base64);
}

static void put_html(struct hp_buf *b, const char *text)
{
	hp_xml_put(b, hp_str(text ? text : ""));
}

static void put_names(struct hp_buf *b, const struct hp_totals *t, const struct hp_host_list *list)
{
	size_t shown = list->count < HOSTS_SHOWN ? list->count : HOSTS_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		hp_puts(b, i ? ", " : "");
		put_html(b, t->hosts.texts[list->items[i]]);
	}
	if (shown < list->count)
		hp_putf(b, " and %zu more", list->count - shown);
}

/* What the page says where scripts do not run. */
static struct hp_str summary_of(struct hp_arena *a, const struct hp_fleet *f, struct hp_totals *t)
{
	struct hp_buf text = hp_buf(a), *b = &text;
	size_t budget = CHECKS_SHOWN;
	hp_puts(b, "<main><h1>hostprep fleet report: ");
	put_html(b, hp_fleet_verdict(f->exit_code));
	hp_putf(b, "</h1><p>%zu hosts expected, %u reported. %zu compliant, %zu fail, %zu to be rebooted. ",
		f->expected, f->counts[HP_ROW_OK], t->exits[HP_EXIT_OK], t->exits[HP_EXIT_FAILS],
		t->exits[HP_EXIT_REBOOT]);
	put_html(b, f->finished);
	hp_puts(b, "</p><p>This is a summary: the page itself needs JavaScript.</p>");
	for (const struct hp_check_total *const *c = hp_totals_order(t); *c && budget > 0; c++, budget--) {
		const struct hp_host_list *list = (*c)->failing.count ? &(*c)->failing : &(*c)->unknown;
		hp_puts(b, (*c)->failing.count ? "<h2>Fails: " : "<h2>Unknown: ");
		put_html(b, (*c)->id);
		hp_putf(b, ", on %zu host%s</h2><p>", list->count, list->count == 1 ? "" : "s");
		put_html(b, (*c)->title);
		hp_puts(b, "</p><p>");
		put_names(b, t, list);
		hp_puts(b, "</p>");
	}
	for (size_t i = HP_ROW_OK + 1; i < HP_ROW_STATES; i++) {
		if (t->lost[i].count == 0)
			continue;
		hp_puts(b, "<h2>Not scanned: ");
		hp_puts(b, hp_row_state_word((enum hp_row_state)i));
		hp_puts(b, "</h2><p>");
		put_names(b, t, &t->lost[i]);
		hp_puts(b, "</p>");
	}
	hp_puts(b, "</main>");
	return hp_built(b);
}

int hp_page_put(struct hp_arena *a, const struct hp_fleet *fleet, struct hp_page_data *data, struct hp_totals *totals,
		struct hp_out *out, struct hp_err *err)
{
	struct hp_str style = {hp_page_css, sizeof hp_page_css}, script = {hp_page_js, sizeof hp_page_js},
		      rest = {hp_page_html, sizeof hp_page_html};
	const char *of_style = digest(a, style), *of_script = digest(a, script);
	if (!of_style || !of_script)
		return hp_fail(err, "cannot make the digests of the page's style and script");
	for (const char *open; (open = memchr(rest.p, '{', rest.n));) {
		size_t at = (size_t)(open - rest.p);
		hp_out_put(out, hp_str_sub(rest, 0, at));
		rest = hp_str_sub(rest, at, rest.n);
		if (hp_str_starts(rest, "{{policy}}"))
			hp_out_putf(
			    out, "default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'",
			    of_style, of_script);
		else if (hp_str_starts(rest, "{{title}}"))
			hp_out_puts(out, "hostprep fleet report");
		else if (hp_str_starts(rest, "{{style}}"))
			hp_out_put(out, style);
		else if (hp_str_starts(rest, "{{script}}"))
			hp_out_put(out, script);
		else if (hp_str_starts(rest, "{{noscript}}"))
			hp_out_put(out, summary_of(a, fleet, totals));
		else if (hp_str_starts(rest, "{{data}}"))
			hp_page_data_put(data, fleet, out);
		const char *close = memchr(rest.p, '}', rest.n);
		rest = hp_str_sub(rest, close ? (size_t)(close - rest.p) + 2 : rest.n, rest.n);
	}
	hp_out_put(out, rest);
	return 0;
}
