extension Optional {
  /// The value, or what `alternative` makes; `??` that keeps the type of the error.
  package func orElse(
    _ alternative: @autoclosure () throws(KerasError) -> Wrapped
  ) throws(KerasError) -> Wrapped {
    if let self { return self }
    return try alternative()
  }
}
