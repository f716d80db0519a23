import KerasLayers

/// What may stand in the brackets of `x[0, 1..<3]`: a position, a range of them, or a ``SliceItem``.
public protocol SliceIndex {
  var item: SliceItem { get }
}

extension Int: SliceIndex { public var item: SliceItem { .at(self) } }
extension Range<Int>: SliceIndex { public var item: SliceItem { .range(lowerBound, upperBound) } }
extension ClosedRange<Int>: SliceIndex {
  // Up to the last position there can be: nothing stands behind it.
  public var item: SliceItem { .range(lowerBound, upperBound == .max || upperBound == -1 ? nil : upperBound + 1) }
}
extension PartialRangeFrom<Int>: SliceIndex { public var item: SliceItem { .range(lowerBound, nil) } }
extension PartialRangeUpTo<Int>: SliceIndex { public var item: SliceItem { .range(nil, upperBound) } }
extension PartialRangeThrough<Int>: SliceIndex {
  public var item: SliceItem { .range(nil, upperBound == .max || upperBound == -1 ? nil : upperBound + 1) }
}
extension SliceItem: SliceIndex { public var item: SliceItem { self } }

extension Operand {
  /// What the items take of the axes, one after the other, as Python's brackets; axes behind the last are taken whole.
  ///
  /// ```swift
  /// try x[0]                          // the first row
  /// try x[0, 1..<3]                   // columns 1 and 2 of it
  /// try x[-1, 2...]                   // negative positions count from the back
  /// try x[SliceItem.all, 1]           // x[:, 1]
  /// try x[..., 0]                     // the first element along the last axis
  /// ```
  /// Of symbolic tensors and recorded values no `try` is needed.
  public subscript(_ items: any SliceIndex...) -> Self {
    get throws(Failure) {
      try settling { () throws(KerasError) in try Ops.slice(self, items.map(\.item)) }
    }
  }

  /// The same behind all axes that the items leave: Python's `x[..., 0]`.
  public subscript(_ ellipsis: (UnboundedRange_) -> Void, _ items: any SliceIndex...) -> Self {
    get throws(Failure) {
      try settling { () throws(KerasError) in try Ops.slice(self, [.ellipsis] + items.map(\.item)) }
    }
  }
}
