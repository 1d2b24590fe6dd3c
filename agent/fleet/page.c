#include "page.h"

#include <openssl/evp.h>
#include <string.h>

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

static void put_html(struct hp_out *o, const char *text)
{
	for (const char *p = text ? text : ""; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '&')
			hp_out_puts(o, "&amp;");
		else if (c == '<')
			hp_out_puts(o, "&lt;");
		else if (c == '>')
			hp_out_puts(o, "&gt;");
		else if (c == '"')
			hp_out_puts(o, "&quot;");
		else if (c < 0x20 || c == 0x7f)
			hp_out_puts(o, " ");
		else
			hp_out_put(o, (struct hp_str){p, 1});
	}
}

static void put_names(struct hp_out *o, const struct hp_totals *t, const struct hp_host_list *list)
{
	size_t shown = list->count < HOSTS_SHOWN ? list->count : HOSTS_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		hp_out_puts(o, i ? ", " : "");
		put_html(o, t->hosts.texts[list->items[i]]);
	}
	if (shown < list->count)
		hp_out_putf(o, " and %zu more", list->count - shown);
}

/* What the page says where scripts do not run. */
static void put_summary(struct hp_out *o, const struct hp_fleet *f, struct hp_totals *t)
{
	size_t budget = CHECKS_SHOWN;
	hp_out_puts(o, "<main><h1>hostprep fleet report: ");
	put_html(o, hp_fleet_verdict(f->exit_code));
	hp_out_putf(o, "</h1><p>%zu hosts expected, %u reported. %zu compliant, %zu fail, %zu to be rebooted. ",
		    f->expected, f->counts[HP_ROW_OK], t->exits[HP_EXIT_OK], t->exits[HP_EXIT_FAILS],
		    t->exits[HP_EXIT_REBOOT]);
	put_html(o, f->finished);
	hp_out_puts(o, "</p><p>This is a summary: the page itself needs JavaScript.</p>");
	for (const struct hp_check_total *const *c = hp_totals_order(t); *c && budget > 0; c++, budget--) {
		const struct hp_host_list *list = (*c)->failing.count ? &(*c)->failing : &(*c)->unknown;
		hp_out_puts(o, (*c)->failing.count ? "<h2>Fails: " : "<h2>Unknown: ");
		put_html(o, (*c)->id);
		hp_out_putf(o, ", on %zu host%s</h2><p>", list->count, list->count == 1 ? "" : "s");
		put_html(o, (*c)->title);
		hp_out_puts(o, "</p><p>");
		put_names(o, t, list);
		hp_out_puts(o, "</p>");
	}
	for (size_t i = HP_ROW_OK + 1; i < HP_ROW_STATES; i++) {
		if (t->lost[i].count == 0)
			continue;
		hp_out_puts(o, "<h2>Not scanned: ");
		hp_out_puts(o, hp_row_state_word((enum hp_row_state)i));
		hp_out_puts(o, "</h2><p>");
		put_names(o, t, &t->lost[i]);
		hp_out_puts(o, "</p>");
	}
	hp_out_puts(o, "</main>");
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
			put_summary(out, fleet, totals);
		else if (hp_str_starts(rest, "{{data}}"))
			hp_page_data_put(data, fleet, out);
		const char *close = memchr(rest.p, '}', rest.n);
		rest = hp_str_sub(rest, close ? (size_t)(close - rest.p) + 2 : rest.n, rest.n);
	}
	hp_out_put(out, rest);
	return 0;
}
