// Checks the addresses in settings and secrets before a request is sent to them.

/** Host names of a private network: those without a dot, or that end in one of these. */
const localNames = /^[^.]*$|\.(localhost|local|internal|lan|intranet)$|\.home\.arpa$/;

/** IPv4 addresses that are not routed in the Internet (RFC 6890). */
const privateNumbers =
  /^(0|10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|192\.0\.0|198\.1[89]|2(2[4-9]|[3-5]\d))\./;

/** Addresses where cloud machines get their metadata and credentials. */
const metadata = /^169\.254\.|^\[fe[89ab]|^\[fd00:ec2:|^metadata\.google\.internal$/;

/** Whether the platform itself runs in a private network: then addresses in that network are allowed. */
export function isLocal(platformUrl: string | undefined): boolean {
  return !platformUrl?.trim() || URL.canParse(platformUrl) && isPrivate(hostOf(platformUrl));
}

/** What is wrong with an address, or null. The text never contains the address, which may hold a secret. */
export function wrongUrl(text: string, local: boolean): string | null {
  if (!URL.canParse(text)) return "must be an https URL";
  const { protocol, username, password } = new URL(text);
  const host = hostOf(text);
  if (protocol !== "https:" && !(protocol === "http:" && local && isPrivate(host))) {
    return "must be an https URL";
  }
  if (username || password) return "must not hold a user name or a password";
  if (metadata.test(host)) return "must not lead to a link-local address";
  if (isPrivate(host) && !local) return "must not lead into a private network";
  return null;
}

/** The URL parser normalizes numbers: 0x7f.1 becomes 127.0.0.1. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/\.$/, "");
}

function isPrivate(host: string): boolean {
  // Of IPv6 only global unicast addresses (2000::/3) are public, except 2002::/16, which leads back to IPv4.
  if (host.startsWith("[")) return !/^\[[23][0-9a-f]{3}:/.test(host) || host.startsWith("[2002:");
  return /^[\d.]+$/.test(host) ? privateNumbers.test(host) : localNames.test(host);
}
