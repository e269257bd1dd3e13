import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

/** Files of a certificate and its key (PEM). */
export interface Certificate {
  crt: string
  key: string
}

/** An authority of its own in a folder, by openssl; what it signs is good for a day. */
export const createAuthority = (folder: string, name: string) => {
  const files = (of: string): Certificate => ({ crt: path.join(folder, `${of}.crt`), key: path.join(folder, `${of}.key`) })
  const request = (...more: string[]) =>
    execFileSync('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...more], { stdio: 'pipe' })
  const own = files(name)
  request('-x509', '-days', '1', '-subj', `/CN=${name}`, '-keyout', own.key, '-out', own.crt)
  return {
    crt: own.crt,
    /** `names` are the addresses that it is for, such as `DNS:temporal.example`. */
    sign: (of: string, names: string): Certificate => {
      const signed = files(of)
      const [csr, extensions] = [path.join(folder, `${of}.csr`), path.join(folder, `${of}.ext`)]
      writeFileSync(extensions, `subjectAltName=${names}\n`)
      request('-subj', `/CN=${of}`, '-keyout', signed.key, '-out', csr)
      const by = ['-CA', own.crt, '-CAkey', own.key, '-CAcreateserial', '-days', '1', '-extfile', extensions]
      execFileSync('openssl', ['x509', '-req', '-in', csr, ...by, '-out', signed.crt], { stdio: 'pipe' })
      return signed
    },
  }
}
