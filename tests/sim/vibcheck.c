#include "vibcheck.h"

#include "softerror.h"

#include <fnmatch.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>
#include <string.h>

static unsigned major_release(const struct sim_state *state)
{
	const char *version = sim_get(state, "esx.version", "9.0.0");
	uint64_t major = 0;

	(void)sim_number(sim_copy(version, strcspn(version, ".")), &major);
	return (unsigned)major;
}

const char *sim_check_acceptance(const struct sim_state *state, const struct sim_vibfile *vib)
{
	const char *host = sim_level_short(sim_get(state, "acceptance", "PartnerSupported"));

	if (host == NULL || sim_level_rank(vib->level) >= sim_level_rank(host)) {
		return NULL;
	}
	return sim_soft_error(
	    "AcceptanceConfigError",
	    "VIB %s's acceptance level is %s, which is not compliant with the ImageProfile acceptance "
	    "level %s\n To change the host acceptance level, use the 'esxcli software acceptance set' "
	    "command.",
	    vib->id, vib->level, host);
}

const char *sim_check_gunzip_sum(const struct sim_state *state, const struct sim_vibfile *vib)
{
	for (size_t i = 0; i < vib->payload_count && major_release(state) >= 8; i++) {
		if (vib->payloads[i].sha256_gunzip == NULL) {
			const char *version = sim_get(state, "esx.version", "9.0.0");

			return sim_soft_error(
			    "ProfileValidationError",
			    "In ImageProfile (Updated) ESXi-%s-%s-standard, the payload(s) in VIB %s does not have "
			    "sha-256 gunzip checksum. This will prevent VIB security verification and secure boot from "
			    "functioning properly. Please remove this VIB or please check with your vendor for a "
			    "replacement of this VIB",
			    version, sim_get(state, "esx.build", "24755229"), vib->id);
		}
	}
	return NULL;
}

/* ---- signature ---- */

static X509_STORE *trusted(const struct sim_state *state)
{
	const char *path = sim_get(state, "signature.ca", "");
	X509_STORE *store = X509_STORE_new();
	size_t len = 0;
	const char *text = *path == '\0' ? NULL : sim_file_read(path, &len);
	BIO *in = BIO_new_mem_buf(text == NULL ? "" : text, text == NULL ? 0 : (int)len);

	if (store == NULL || in == NULL) {
		sim_die("out of memory");
	}
	for (;;) {
		X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);

		if (cert == NULL) {
			break;
		}
		(void)X509_STORE_add_cert(store, cert);
		X509_free(cert);
	}
	BIO_free(in);
	(void)X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
	return store;
}

/* Every block must be a good signature of the descriptor, and one of them by a trusted signer. */
const char *sim_check_signature(const struct sim_state *state, const struct sim_vibfile *vib)
{
	if (sim_eq(vib->level, "community")) { /* what stands in its sig.pkcs7 is not looked at */
		return NULL;
	}
	if (vib->signature_len == 0) {
		return sim_soft_guess("VibSigMissingError", "VIB %s has no signature and cannot be verified.", vib->id);
	}
	if (vib->signature_len > INT_MAX || vib->descriptor_len > INT_MAX) {
		return sim_soft_guess("VibSigFormatError", "VIB %s: signature too large", vib->id);
	}
	X509_STORE *store = trusted(state);
	BIO *in = BIO_new_mem_buf(vib->signature, (int)vib->signature_len);
	bool good = true;
	bool trust = false;
	size_t count = 0;
	while (in != NULL && good) {
		PKCS7 *block = PEM_read_bio_PKCS7(in, NULL, NULL, NULL);

		if (block == NULL) {
			break;
		}
		BIO *content = BIO_new_mem_buf(vib->descriptor_text, (int)vib->descriptor_len);
		good = PKCS7_verify(block, NULL, NULL, content, NULL, PKCS7_NOVERIFY | PKCS7_BINARY) == 1;
		BIO_free(content);
		content = BIO_new_mem_buf(vib->descriptor_text, (int)vib->descriptor_len);
		trust = trust || PKCS7_verify(block, NULL, store, content, NULL, PKCS7_BINARY) == 1;
		BIO_free(content);
		PKCS7_free(block);
		count++;
	}
	BIO_free(in);
	X509_STORE_free(store);
	if (count == 0 || !good) {
		return sim_soft_guess("VibSigInvalidError", "VIB %s: the signature does not fit the descriptor.",
				      vib->id);
	}
	/* the text is Image Builder's; whether a host has the same is not known */
	return trust ? NULL
		     : sim_soft_guess("VibSigInvalidError", "Could not find a trusted signer. (VIB %s)", vib->id);
}

/* ---- extensibility ---- */

/* Folders (facts from the schema of 6.7; that of 7 to 9 is not known). A file must lie below one of them. */
static const char *const community[] = {
    "etc/vmware/shutdown/shutdown.d/",
    "etc/vmware/pciid/",
    "etc/vmware/vm-support/",
    "etc/vmware/firewall/",
    "etc/vmware/service/",
    "etc/vmware/driver.map.d/",
    "etc/cim/",
    "etc/config/",
    "opt/",
    "usr/lib/cim/",
    "usr/lib/pycim/",
    "usr/lib/hostprofiles/plugins/",
    "usr/lib/hostprofiles/locale/",
    "usr/lib/vmware/",
    "usr/lib/vmware-debug/",
    "usr/libexec/jumpstart/plugins/",
    "usr/share/hwdata/driver.pciids.d/",
    "var/lib/sfcb/registration/",
    "etc/vmware/fallback.map.d/",
    "etc/vmware/default.map.d/",
    "etc/vmware/ihv.map.d/",
    "etc/vmware/oem.map.d/",
    "etc/init.d/",
    "etc/shutdown.d/",
    "usr/lib64/vmware/",
    "usr/share/hwdata/fallback.pciids.d/",
    "usr/share/hwdata/default.pciids.d/",
    "usr/share/hwdata/ihv.pciids.d/",
    "usr/share/hwdata/oem.pciids.d/",
};
static const char *const partner[] = {"etc/vmware/support/", "etc/rc.local.d/"};
static const char *const partner_files[] = {"etc/vmware/vmware.lic", "etc/vmware/oem.xml", "etc/vmware/backup.conf",
					    "usr/lib/vmware/hostd/docroot/client/customLinks.xml"};

static bool below(const char *path, const char *const *folders, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (sim_starts(path, folders[i]) && path[strlen(folders[i])] != '\0') {
			return true;
		}
	}
	return false;
}

static bool allowed(const struct sim_vibfile *vib, const char *path)
{
	if (below(path, community, sizeof community / sizeof community[0])) {
		return true;
	}
	bool ret = sim_eq(vib->level, "partner") && below(path, partner, sizeof partner / sizeof partner[0]);
	for (size_t i = 0; i < sizeof partner_files / sizeof partner_files[0]; i++) {
		ret = ret || (sim_eq(vib->level, "partner") && sim_eq(path, partner_files[i]));
	}
	return ret;
}

const char *sim_check_extensibility(const struct sim_vibfile *vib)
{
	const bool lax = sim_eq(vib->level, "certified") || sim_eq(vib->level, "accepted");
	bool good = lax || !sim_vib_flag(vib, "overlay");

	for (size_t i = 0; i < vib->file_count && !lax; i++) {
		good = good && allowed(vib, vib->files[i]);
	}
	/* a host names line and column of the element, not the file */
	return good ? NULL
		    : sim_soft_error(
			  "VibValidationError",
			  "VIB %s violates extensibility rule checks: ['(line %zu: col 0) Element vib failed to "
			  "validate content']",
			  vib->id, vib->xml->line);
}

/* ---- platform ---- */

bool sim_platform_fits(const struct sim_state *state, const char *pattern)
{
	const char *version = sim_get(state, "esx.version", "9.0.0");

	/* a depot for 7.* serves 8.x as well (lamw/dummy-esxi-reboot-vib); nothing of the kind is known of 9 */
	return *pattern == '\0' || fnmatch(pattern, version, 0) == 0 ||
	       (major_release(state) == 8 && sim_eq(pattern, "7.*"));
}

bool sim_platforms_fit(const struct sim_state *state, const struct sim_xml *xml, const char *name)
{
	bool any = false;

	for (const struct sim_xml *child = xml == NULL ? NULL : xml->first; child != NULL; child = child->next) {
		const char *product = sim_xml_attribute(child, "productLineID", "");

		if (!sim_eq(child->name, name)) {
			continue;
		}
		if ((sim_eq(product, "embeddedEsx") || *product == '\0') &&
		    sim_platform_fits(state, sim_xml_attribute(child, "version", ""))) {
			return true;
		}
		any = true;
	}
	return !any;
}

const char *sim_check_platform(const struct sim_state *state, const struct sim_vibfile *vib)
{
	return sim_platforms_fit(state, sim_xml_child(vib->xml, "system-requires"), "softwarePlatform")
		   ? NULL
		   : sim_soft_guess("ProfileValidationError", "VIB %s is for other platforms than embeddedEsx %s",
				    vib->id, sim_get(state, "esx.version", "9.0.0"));
}
