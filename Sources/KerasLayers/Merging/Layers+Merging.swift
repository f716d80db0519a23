extension Layers {
  /// The classes of this folder.
  static let mergingRows: [Row] = [
    Row("Add") { Add(name: $0) },
    Row("Subtract") { Subtract(name: $0) },
    Row("Multiply") { Multiply(name: $0) },
    Row("Average") { Average(name: $0) },
    Row("Maximum") { Maximum(name: $0) },
    Row("Minimum") { Minimum(name: $0) },
    Row("Concatenate") { Concatenate(name: $0) },
    Row("Dot") { Dot([], name: $0) },
    Row("Merge", mergeOfKeras1),
  ]
}
