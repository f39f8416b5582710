// Writes every event of `node --test` as a line of JSON. Node's main process asks it for all files; the tested code runs in others.
export default async function* (source) {
  for await (const { type, data } of source) {
    const error = data?.details?.error;
    const cause = error?.cause instanceof Error ? error.cause : error;
    yield JSON.stringify({
      type,
      name: data?.name,
      file: data?.file,
      nesting: data?.nesting,
      skip: data?.skip,
      todo: data?.todo,
      kind: data?.details?.type,
      ms: data?.details?.duration_ms,
      failure: error?.failureType,
      error: cause?.name,
      message: error && String(error.cause?.message ?? error.cause ?? error.message),
      stack: cause?.stack && String(cause.stack).slice(0, 8000),
      said: type === "test:stderr" ? String(data?.message).slice(0, 8000) : undefined,
    }) + "\n";
  }
}
