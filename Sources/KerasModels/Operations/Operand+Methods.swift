import KerasLayers

// What is asked of a tensor most, as methods: each is the function of `Ops` of the same name. They throw for tensors;
// of symbolic tensors and recorded values an error waits for whoever uses the result.

extension Operand {
  /// The sum of the elements along `axes` (negative ones count from the back), or of all where nil.
  public func sum(axes: [Int]? = nil, keepsDimensions: Bool = false) throws(Failure) -> Self {
    try settling { () throws(KerasError) in
      try Ops.sum(self, axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// The same along one axis.
  public func sum(axis: Int, keepsDimensions: Bool = false) throws(Failure) -> Self {
    try sum(axes: [axis], keepsDimensions: keepsDimensions)
  }

  /// The mean of the elements along `axes` (negative ones count from the back), or of all where nil.
  public func mean(axes: [Int]? = nil, keepsDimensions: Bool = false) throws(Failure) -> Self {
    try settling { () throws(KerasError) in
      try Ops.mean(self, axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// The same along one axis.
  public func mean(axis: Int, keepsDimensions: Bool = false) throws(Failure) -> Self {
    try mean(axes: [axis], keepsDimensions: keepsDimensions)
  }

  /// The largest element along `axes` (negative ones count from the back), or of all where nil.
  public func max(axes: [Int]? = nil, keepsDimensions: Bool = false) throws(Failure) -> Self {
    try settling { () throws(KerasError) in
      try Ops.max(self, axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// The same along one axis.
  public func max(axis: Int, keepsDimensions: Bool = false) throws(Failure) -> Self {
    try max(axes: [axis], keepsDimensions: keepsDimensions)
  }

  /// The smallest element along `axes` (negative ones count from the back), or of all where nil.
  public func min(axes: [Int]? = nil, keepsDimensions: Bool = false) throws(Failure) -> Self {
    try settling { () throws(KerasError) in
      try Ops.min(self, axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// The same along one axis.
  public func min(axis: Int, keepsDimensions: Bool = false) throws(Failure) -> Self {
    try min(axes: [axis], keepsDimensions: keepsDimensions)
  }

  /// The position of the largest element along `axis`, as `int32`; nil for among all elements in one row.
  public func argMax(axis: Int? = -1) throws(Failure) -> Self {
    try settling { () throws(KerasError) in try Ops.argmax(self, axis: axis) }
  }

  /// The position of the smallest element along `axis`, as `int32`; nil for among all elements in one row.
  public func argMin(axis: Int? = -1) throws(Failure) -> Self {
    try settling { () throws(KerasError) in try Ops.argmin(self, axis: axis) }
  }

  /// The same elements in another shape; one length may be -1.
  public func reshaped(to shape: [Int]) throws(Failure) -> Self {
    try settling { () throws(KerasError) in try Ops.reshape(self, to: shape) }
  }

  /// The axes in another order; nil turns the order round.
  public func transposed(axes: [Int]? = nil) throws(Failure) -> Self {
    try settling { () throws(KerasError) in try Ops.transpose(self, axes: axes) }
  }

  /// Without axes of length 1; nil for all of them.
  public func squeezed(axes: [Int]? = nil) throws(Failure) -> Self {
    try settling { () throws(KerasError) in try Ops.squeeze(self, axes: axes) }
  }

  /// With a new axis of length 1.
  public func expanded(axis: Int) throws(Failure) -> Self {
    try settling { () throws(KerasError) in try Ops.expandDimensions(self, axis: axis) }
  }

  /// The matrix product with `other`, over their last two axes.
  public func matmul(_ other: Self) throws(Failure) -> Self {
    try settling { () throws(KerasError) in try Ops.matmul(self, other) }
  }
}
