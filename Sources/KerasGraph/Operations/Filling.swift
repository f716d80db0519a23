/// Values that are known beforehand, in the shape or type of others.
extension GraphBuilder {
  /// One number as a constant without axes, of the element type of `other`.
  public func scalar(_ number: Double, like other: Value) throws(KerasError) -> Value {
    scalar(number, spec(of: other).dataType)
  }

  /// A tensor whose every element is `number`.
  ///
  /// Lengths that are not known yet make a ``placeholder(_:)``.
  public func filled(_ number: Double, _ shape: Shape, _ dataType: DataType = .float32) throws(KerasError)
    -> Value
  {
    guard shape.known != nil else { return placeholder(TensorSpec(shape, dataType)) }
    return try broadcast(scalar(number, dataType), to: shape)
  }

  /// Zeros in the shape and element type of `other`.
  public func zeros(like other: Value) throws(KerasError) -> Value {
    try filled(0, shape(of: other), spec(of: other).dataType)
  }

  /// Stands for a value of which only the spec can be told, because some length is not known yet.
  ///
  /// Graphs that are asked for shapes alone hold such values; those that are run have no unknown lengths.
  public func placeholder(_ spec: TensorSpec) -> Value { unsupplied(spec) }

  /// The same elements in `shape`, of which one length may be unknown.
  public func reshaped(_ x: Value, to shape: Shape) throws(KerasError) -> Value {
    let known = shape.map { $0 ?? -1 }
    guard known.filter({ $0 == -1 }).count <= 1 else {
      return placeholder(TensorSpec(shape, spec(of: x).dataType))
    }
    if self.shape(of: x).elementCount == nil, !known.contains(-1) {
      return placeholder(TensorSpec(shape, spec(of: x).dataType))
    }
    return self.shape(of: x) == shape ? x : try reshape(x, to: Array(known))
  }
}
