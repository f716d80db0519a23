import KerasGraph

extension MatrixMultiplyOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (a, b) = node.factors
    let batch = b.rank > 2 ? Array(0..<a.rank - 2) : []
    let product = node.hlo.dot(
      a, b, batch: batch,
      contracting: (a.rank - (transposesFirst ? 2 : 1), b.rank - (transposesSecond ? 1 : 2)),
      HLOSpec(node.output.lengths, a.type.isHalf ? .f32 : a.type), node.graph.precision)
    return [epilogue.lower(product, node)]
  }
}

extension HLOWriter {
  /// A product of stacks of matrices, whose leading axes `batch` go together.
  func dot(
    _ a: HLOValue, _ b: HLOValue, batch: [Int] = [], contracting: (Int, Int), _ result: HLOSpec,
    _ precision: ProductPrecision
  ) -> HLOValue {
    let batching = batch.isEmpty ? "" : "batching_dims = \(batch) x \(batch), "
    let name = precision.name(for: a.type)
    return append(
      "stablehlo.dot_general \(a.name), \(b.name), \(batching)contracting_dims = [\(contracting.0)] x [\(contracting.1)], precision = [\(name), \(name)] : (\(a.spec), \(b.spec)) -> \(result)",
      result)
  }
}

extension ProductPrecision {
  /// Halves have nothing to round.
  func name(for type: HLOType) -> String { type.isHalf ? Self.fastest.rawValue : rawValue }
}
