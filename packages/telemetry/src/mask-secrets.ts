/**
 * Matches up to the end of the JSON string, quoted text or tag that contains the secret, because client secrets may contain percent-encoded
 * characters.
 */
const toEnd = /[^\s"'\\<>]+/.source

/** The text before a secret is in a capture group, so the text is kept. */
const secret = new RegExp(
  [
    // Client secrets, including those of payment intents, setup intents and customer sessions.
    `((?:_|%5[fF])secret(?:_|%5[fF]))${toEnd}`,
    String.raw`("client_?[sS]ecret":")(?:[^"\\]|\\.)+`,
    // The fragment of a hosted checkout's URL gives access to the checkout, as a client secret does.
    String.raw`(\bcs_(?:test|live)_[a-zA-Z0-9]+#)${toEnd}`,
    String.raw`\bwhsec_[\w%+/=-]+`,
    // Secret, restricted, publishable and ephemeral keys.
    String.raw`\b[eprs]k_(?:org_)?(?:test|live)_[\w%+/=-]+`,
    // Our API keys, or the beginning of a key in a truncated text.
    String.raw`\bptvk_\w+`,
    String.raw`\beyJ[\w-]+\.[\w-]+\.[\w-]+`,
    // A password in a URL, either before the last @ (the password may contain an unescaped @) or as a parameter.
    String.raw`(:\/\/[^\s:/@"\\]+:)[^\s"\\]+(?=@)`,
    String.raw`([?&;\s"](?:ssl)?password=)[^\s"'\\&;]+`,
  ].join('|'),
  'g',
)

/** Masks secrets in a text or in a line of JSON, which stays valid JSON. */
export const maskSecrets = (text: string): string => text.replace(secret, '$1$2$3$4$5[secret]')

/** Returns a function that also masks the given secrets, which have no recognizable form, in plain text and in JSON. */
export const createSecretMask = (secrets: readonly string[]): ((text: string) => string) => {
  const forms = [...new Set(secrets.flatMap((value) => [JSON.stringify(value).slice(1, -1), value]))]
  return (text) => maskSecrets(forms.reduce((masked, form) => masked.replaceAll(form, '[secret]'), text))
}
