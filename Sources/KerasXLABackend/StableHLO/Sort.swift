import KerasGraph

extension SortOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, x) = (node.hlo, node.inputs[0])
    return hlo.sort([x, hlo.iota(x.lengths, axis: axis, .i32)], axis: axis) { a, b in
      // A NaN is larger than any number.
      let isBefore = hlo.compare(isDescending ? "GT" : "LT", a[0], b[0])
      guard x.type.isFloatingPoint else { return isBefore }
      let (aIsNaN, bIsNaN) = (hlo.compare("NE", a[0], a[0]), hlo.compare("NE", b[0], b[0]))
      let (first, other) = isDescending ? (aIsNaN, bIsNaN) : (bIsNaN, aIsNaN)
      return hlo.binary("or", isBefore, hlo.binary("and", first, hlo.unary("not", other)))
    }
  }
}

extension HLOWriter {
  /// Several tensors of the same lengths, sorted together; what is neither before nor behind keeps its order.
  ///
  /// - Parameter isBefore: of one element of each and another of each, scalars; a truth value.
  func sort(
    _ values: [HLOValue], axis: Int, _ isBefore: (_ a: [HLOValue], _ b: [HLOValue]) -> HLOValue
  ) -> [HLOValue] {
    let pairs = values.flatMap { [HLOSpec([], $0.type), HLOSpec([], $0.type)] }
    let text = region(pairs) { arguments in
      let (a, b) = (values.indices.map { arguments[2 * $0] }, values.indices.map { arguments[2 * $0 + 1] })
      return [isBefore(a, b)]
    }
    return append(
      "\"stablehlo.sort\"(\(values.names)) <{dimension = \(axis) : i64, is_stable = true}> (\(text)) : (\(values.specs)) -> (\(values.specs))",
      values.map(\.spec))
  }
}
