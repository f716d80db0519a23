extension KerasError {
  /// Any error as one of ours: itself where it is one, else `custom` with the error's own words.
  public init(wrapping error: any Error) {
    self = error as? KerasError ?? KerasError(.custom, Self.words(of: error))
  }
}

/// Runs code of the user's (a closure, an overridden method), which may throw anything.
package func wrappingErrors<Result>(_ body: () throws -> Result) throws(KerasError) -> Result {
  do {
    return try body()
  } catch {
    throw KerasError(wrapping: error)
  }
}
