/**
 * This file contains a parser for the subset of TypeScript that stripe-node's generated declaration files use: interfaces, type aliases and
 * namespaces.
 */
export type Type =
  | { kind: 'reference'; path: string[]; args: Type[] }
  | { kind: 'union'; of: Type[] }
  | { kind: 'object'; members: Map<string, Type> }
  | { kind: 'literal'; value: string }

export interface Scope {
  parent: Scope | undefined
  interfaces: Map<string, { members: Map<string, Type>; bases: Type[] }>
  aliases: Map<string, Type>
  namespaces: Map<string, Scope>
}

export const newScope = (parent?: Scope): Scope => ({
  parent,
  interfaces: new Map(),
  aliases: new Map(),
  namespaces: new Map(),
})

const TOKEN = /'(?:[^'\\]|\\.)*'|[A-Za-z_$][\w$]*|\d+|=>|[^\s\w]/g

/** Adds the declarations of a file to `scope`. Classes, functions and imports are skipped. */
export const parseDeclarations = (source: string, scope: Scope): void => {
  const tokens = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').match(TOKEN) ?? []
  new Parser(tokens).body(scope)
}

class Parser {
  readonly #tokens: string[]
  #at = 0

  constructor(tokens: string[]) {
    this.#tokens = tokens
  }

  body(scope: Scope): void {
    while (this.#at < this.#tokens.length && this.#peek() !== '}') {
      const word = this.#next()
      if (word === 'namespace') this.#namespace(scope)
      else if (word === 'interface') this.#interface(scope)
      else if (word === 'type' && this.#peek(1) === '=') this.#alias(scope)
      else if (word === '{') this.#skipPast('}')
      else if (word === 'class' || word === 'import' || word === 'const' || word === 'function') this.#skipStatement()
    }
  }

  #namespace(scope: Scope): void {
    const name = this.#next()
    const inner = scope.namespaces.get(name) ?? newScope(scope)
    scope.namespaces.set(name, inner)
    this.#expect('{')
    this.body(inner)
    this.#expect('}')
  }

  #interface(scope: Scope): void {
    const name = this.#next()
    if (this.#peek() === '<') this.#skipPast('>')
    const bases: Type[] = []
    if (this.#accept('extends'))
      do bases.push(this.#primary())
      while (this.#accept(','))
    scope.interfaces.set(name, { members: this.#members(), bases })
  }

  #alias(scope: Scope): void {
    const name = this.#next()
    this.#expect('=')
    scope.aliases.set(name, this.#type())
    this.#accept(';')
  }

  #members(): Map<string, Type> {
    const members = new Map<string, Type>()
    this.#expect('{')
    while (!this.#accept('}')) {
      if (this.#peek() === '[') {
        this.#skipPast(']')
        this.#expect(':')
        members.set('[key]', this.#type())
      } else {
        const name = this.#next().replaceAll("'", '')
        this.#accept('?')
        this.#expect(':')
        members.set(name, this.#type())
      }
      this.#accept(';')
    }
    return members
  }

  #type(): Type {
    const of: Type[] = []
    this.#accept('|')
    do of.push(this.#primary())
    while (this.#accept('|') || this.#accept('&'))
    return of.length === 1 && of[0] ? of[0] : { kind: 'union', of }
  }

  #primary(): Type {
    if (this.#peek() === '{') return { kind: 'object', members: this.#members() }
    if (this.#accept('(')) {
      const inner = this.#type()
      this.#expect(')')
      return inner
    }
    const word = this.#next()
    if (word.startsWith("'")) return { kind: 'literal', value: word.slice(1, -1) }
    const path = [word]
    while (this.#accept('.')) path.push(this.#next())
    const args: Type[] = []
    if (this.#accept('<')) {
      do args.push(this.#type())
      while (this.#accept(','))
      this.#expect('>')
    }
    return { kind: 'reference', path, args }
  }

  /** Skips a class with its body in braces, or any statement that ends with a semicolon. */
  #skipStatement(): void {
    let depth = 0
    while (this.#at < this.#tokens.length) {
      const token = this.#next()
      if (token === '{') depth++
      if (token === '}' && --depth === 0 && this.#peek() !== 'from') return
      if (token === ';' && depth === 0) return
    }
  }

  #skipPast(token: string): void {
    while (this.#next() !== token) if (this.#at >= this.#tokens.length) throw new Error(`expected ${token}`)
  }

  #peek(offset = 0): string {
    return this.#tokens[this.#at + offset] ?? ''
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? ''
  }

  #accept(token: string): boolean {
    if (this.#peek() !== token) return false
    this.#at++
    return true
  }

  #expect(token: string): void {
    const found = this.#next()
    if (found !== token)
      throw new Error(`expected ${token}, found ${found} after ${this.#tokens.slice(this.#at - 12, this.#at).join(' ')}`)
  }
}
