import DataLoader from 'dataloader'
import { DatabaseUnavailable, type Db } from './client.ts'

const asError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error('Postgres refused it', { cause }))

/**
 * Gathers the questions that come in one turn of the event loop, from whichever requests, and asks them by one statement: what a busy server
 * pays for a statement is mostly the way to Postgres and back. `read` answers every question, in their order. Nothing is kept, so whoever asks
 * reads what is true after that. A question that Postgres refuses fails alone; one that is slow holds up those that are asked with it, at most
 * `most` in all. docs/decisions/0013-batched-reads.md
 */
export const batchLoader = <Question, Answer>(
  most: number,
  read: (db: Db, questions: readonly Question[]) => Promise<Answer[]>,
) => {
  const loaders = new WeakMap<Db, DataLoader<Question, Answer>>()
  const loaderOf = (db: Db): DataLoader<Question, Answer> => {
    const alone = async (question: Question): Promise<Answer | Error> => {
      const [answer] = await read(db, [question])
      return answer ?? new Error('A question was not answered')
    }
    const together = async (questions: readonly Question[]): Promise<(Answer | Error)[]> => {
      try {
        return await read(db, questions)
      } catch (error) {
        if (questions.length === 1 || error instanceof DatabaseUnavailable) throw error
        return Promise.all(questions.map((question) => alone(question).catch(asError)))
      }
    }
    // What has come is read from all connections before an immediate runs.
    return new DataLoader(together, { cache: false, maxBatchSize: most, batchScheduleFn: setImmediate })
  }
  return (db: Db, question: Question): Promise<Answer> => {
    const loader = loaders.get(db) ?? loaderOf(db)
    loaders.set(db, loader)
    return loader.load(question)
  }
}
