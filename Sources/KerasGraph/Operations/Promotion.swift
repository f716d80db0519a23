extension GraphBuilder {
  /// Both in the type that Keras computes with: the wider one, and a floating-point one before any other.
  package func promoted(_ a: Value, _ b: Value) throws(KerasError) -> (Value, Value) {
    let common = spec(of: a).dataType.promoted(with: spec(of: b).dataType)
    return (try cast(a, to: common), try cast(b, to: common))
  }

  /// As it is where the type is a floating-point one, else in single precision.
  package func floating(_ x: Value) throws(KerasError) -> Value {
    spec(of: x).dataType.isFloatingPoint ? x : try cast(x, to: .float32)
  }

  /// Whether each number is not 0, as `bool`.
  package func truth(_ x: Value) throws(KerasError) -> Value {
    spec(of: x).dataType == .bool ? x : try compare(.notEqual, x, 0)
  }
}

extension DataType {
  /// The type of a result of both, as Keras promotes them.
  package func promoted(with other: DataType) -> DataType {
    if self == other { return self }
    switch (isFloatingPoint, other.isFloatingPoint) {
    case (true, false): return self
    case (false, true): return other
    case (true, true):
      return byteCount == other.byteCount ? .float32 : byteCount > other.byteCount ? self : other
    case (false, false):
      if self == .bool { return other }
      if other == .bool { return self }
      // Of one size are only the signed and the unsigned byte.
      return byteCount == other.byteCount ? .int16 : byteCount > other.byteCount ? self : other
    }
  }
}
