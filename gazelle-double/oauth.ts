import { createHash, timingSafeEqual } from "node:crypto";

export interface Credentials {
  clientId: string;
  clientSecret: string;
  accessToken: string;
  refreshToken: string;
  apiKey: string;
}

/** The codes and tokens that are valid. */
export interface OAuth {
  readonly credentials: Credentials;
  readonly now: () => number;
  readonly randomId: () => string;
  readonly codes: Map<string, Code>;
  /** Access tokens, with the time at which each expires. */
  readonly accessTokens: Map<string, number>;
  readonly refreshTokens: Set<string>;
}

interface Code {
  redirectUri: string;
  challenge: string | null;
  expiresAt: number;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const THIRTY_DAYS = 30 * 86_400;
const CODE_SECONDS = 600;

export function createOAuth(credentials: Credentials, now: () => number, randomId: () => string): OAuth {
  const oauth = {
    credentials,
    now,
    randomId,
    codes: new Map(),
    accessTokens: new Map(),
    refreshTokens: new Set<string>(),
  };
  resetOAuth(oauth);
  return oauth;
}

export function resetOAuth(oauth: OAuth): void {
  oauth.codes.clear();
  oauth.accessTokens.clear();
  oauth.refreshTokens.clear();
  oauth.accessTokens.set(oauth.credentials.accessToken, oauth.now() + THIRTY_DAYS * 1_000);
  oauth.refreshTokens.add(oauth.credentials.refreshToken);
}

export function isAuthorized(oauth: OAuth, headers: Headers): boolean {
  const key = headers.get("x-gazelle-api-key");
  if (key !== null) return isSame(key, oauth.credentials.apiKey);
  const token = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  return token !== undefined && (oauth.accessTokens.get(token) ?? 0) > oauth.now();
}

/** The redirect after the user has agreed or refused, which the double decides at once; or an error. */
export function authorize(
  oauth: OAuth,
  query: URLSearchParams,
  isDenied: () => boolean,
): { location: string } | Answer {
  const redirectUri = query.get("redirect_uri") ?? "";
  if (query.get("client_id") !== oauth.credentials.clientId) {
    return error(401, "invalid_client", "Unknown client_id");
  }
  if (!isRegistered(redirectUri)) {
    return error(400, "invalid_redirect_uri", "redirect_uri is not one of the application's");
  }
  if (query.get("response_type") !== "code") {
    return error(400, "unsupported_response_type", "response_type must be code");
  }
  const challenge = query.get("code_challenge");
  if (challenge !== null && query.get("code_challenge_method") !== "S256") {
    return error(400, "invalid_request", "code_challenge_method must be S256");
  }
  const outcome: Record<string, string> = isDenied()
    ? { error: "access_denied", error_description: "The resource owner denied the request." }
    : { code: newCode(oauth, redirectUri, challenge) };
  const state = query.get("state");
  const location = new URL(redirectUri);
  for (const [name, value] of Object.entries(state === null ? outcome : { ...outcome, state })) {
    location.searchParams.set(name, value);
  }
  return { location: location.href };
}

/** Redirects to this machine are registered, whatever the port (RFC 8252, 7.3). */
function isRegistered(redirectUri: string): boolean {
  const { protocol, hostname, hash } = URL.parse(redirectUri) ?? {};
  return protocol === "http:" && (hostname === "127.0.0.1" || hostname === "[::1]") && hash === "";
}

function newCode(oauth: OAuth, redirectUri: string, challenge: string | null): string {
  const code = oauth.randomId();
  oauth.codes.set(code, { redirectUri, challenge, expiresAt: oauth.now() + CODE_SECONDS * 1_000 });
  return code;
}

/** The token endpoint. With `withoutRefreshToken` it returns no new refresh token, as Gazelle may do. */
export function grant(
  oauth: OAuth,
  form: URLSearchParams,
  headers: Headers,
  withoutRefreshToken: () => boolean,
): Answer {
  if (!isClient(oauth, form, headers)) return error(401, "invalid_client", "Client authentication failed");
  const type = form.get("grant_type");
  if (type === "authorization_code") return byCode(oauth, form, withoutRefreshToken);
  if (type === "refresh_token") return byRefreshToken(oauth, form, withoutRefreshToken);
  if (type === null) return error(400, "invalid_request", "Missing required parameter: grant_type");
  return error(400, "unsupported_grant_type", `The grant type ${type.slice(0, 80)} is not supported`);
}

function byCode(oauth: OAuth, form: URLSearchParams, withoutRefreshToken: () => boolean): Answer {
  const code = form.get("code") ?? "";
  const known = oauth.codes.get(code);
  oauth.codes.delete(code);
  if (!known || known.expiresAt <= oauth.now()) {
    return error(400, "invalid_grant", "The authorization code is unknown, spent or expired");
  }
  if (form.get("redirect_uri") !== known.redirectUri) {
    return error(400, "invalid_grant", "redirect_uri differs from the one of the authorization request");
  }
  if (known.challenge !== null && s256(form.get("code_verifier") ?? "") !== known.challenge) {
    return error(400, "invalid_grant", "code_verifier does not fit the code_challenge");
  }
  return tokens(oauth, withoutRefreshToken());
}

function byRefreshToken(oauth: OAuth, form: URLSearchParams, withoutRefreshToken: () => boolean): Answer {
  const used = form.get("refresh_token") ?? "";
  if (!oauth.refreshTokens.has(used)) {
    return error(400, "invalid_grant", "The refresh token is unknown or revoked");
  }
  // A refresh token that brings another one is spent.
  const isKept = withoutRefreshToken();
  if (!isKept) oauth.refreshTokens.delete(used);
  return tokens(oauth, isKept);
}

function tokens(oauth: OAuth, withoutRefreshToken: boolean): Answer {
  const accessToken = oauth.randomId();
  oauth.accessTokens.set(accessToken, oauth.now() + THIRTY_DAYS * 1_000);
  const body: Record<string, unknown> = {
    access_token: accessToken,
    token_type: "Bearer",
    expires_in: THIRTY_DAYS,
    created_at: Math.floor(oauth.now() / 1_000),
  };
  if (!withoutRefreshToken) {
    const refreshToken = oauth.randomId();
    oauth.refreshTokens.add(refreshToken);
    body.refresh_token = refreshToken;
  }
  return { status: 200, body };
}

function isClient(oauth: OAuth, form: URLSearchParams, headers: Headers): boolean {
  const [id, secret] = basic(headers) ?? [form.get("client_id") ?? "", form.get("client_secret") ?? ""];
  return isSame(id, oauth.credentials.clientId) && isSame(secret, oauth.credentials.clientSecret);
}

function basic(headers: Headers): [string, string] | null {
  const encoded = /^Basic (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (!encoded) return null;
  const [id, ...secret] = new TextDecoder().decode(Uint8Array.from(decode(encoded), (c) => c.charCodeAt(0)))
    .split(":");
  return [id ?? "", secret.join(":")];
}

function decode(encoded: string): string {
  try {
    return atob(encoded);
  } catch {
    return "";
  }
}

function s256(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function error(status: number, code: string, description: string): Answer {
  return { status, body: { error: code, error_description: description } };
}
