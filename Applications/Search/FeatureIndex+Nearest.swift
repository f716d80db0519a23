import KerasModels
import KerasOpenBLASBackend

extension FeatureIndex {
  /// The pictures whose features are most like some others', likest first; of equal ones the first in the index.
  ///
  /// Exact: every picture is looked at. BLAS finds those that may be among the nearest, and these are compared in double
  /// precision, so that a picture and its copy are equally near to any third. What has no direction, because all its
  /// numbers are 0 or one is not finite, is like nothing and never found.
  ///
  /// - Parameters:
  ///   - queries: `[queries, …]`, as many numbers each as the index has.
  ///   - count: how many to name for each, where there are so many.
  ///   - threads: nil for one a core.
  /// - Returns: a list for each query.
  /// - Throws: `shapeMismatch` for queries of another width; `invalidArgument` for a query without direction, or a count
  ///   below 1; what reading throws.
  public func nearest(
    to queries: Tensor, count: Int = 10, threads: Int? = nil
  ) throws(KerasError) -> [[FeatureMatch]] {
    let queries = try self.queries(queries)
    for row in 0..<queries.count {
      if let defect = queries.defect(row) {
        throw KerasError(.invalidArgument, defect.description(of: "Row \(row) of the queries"))
      }
    }
    return try search(queries, count: count, threads: threads).matches
  }

  /// - Throws: `shapeMismatch` for queries of another width.
  package func queries(_ queries: Tensor) throws(KerasError) -> Directions {
    let vectors = try queries.vectors()
    guard vectors.shape[1] == width else {
      throw KerasError(
        .shapeMismatch, "The index holds \(width) numbers for each picture, the query \(vectors.shape[1]).",
        remedy: "compute both with the same model, layer and pooling.")
    }
    return Directions(vectors)
  }

  /// The nearest to queries that have directions, and the rows of the index that have none.
  package func search(
    _ queries: Directions, count wanted: Int, threads: Int? = nil
  ) throws(KerasError) -> (matches: [[FeatureMatch]], unusable: [Int]) {
    guard wanted > 0 else {
      throw KerasError(.invalidArgument, "Expected at least one neighbour to look for, found \(wanted).")
    }
    var best = [Best](repeating: Best(limit: wanted), count: queries.count)
    var unusable: [Int] = []
    // Queries that are multiplied together: their products with a block make 16 MB.
    let perProduct = max(1, (1 << 22) / rowsPerBlock)
    let products = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: min(perProduct, queries.count) * min(rowsPerBlock, count))
    defer { products.deallocate() }
    for start in stride(from: 0, to: count, by: rowsPerBlock) {
      let block = try directions(start..<min(start + rowsPerBlock, count))
      let usable = (0..<block.count).filter { block.defect($0) == nil }
      if usable.count < block.count {
        unusable += (0..<block.count).filter { block.defect($0) != nil }.map { start + $0 }
      }
      for first in stride(from: 0, to: queries.count, by: perProduct) {
        let rows = first..<min(first + perProduct, queries.count)
        multiply(queries, rows, block, products, threads)
        for row in rows {
          let line = (row - first) * block.count
          for place in usable where Double(products[line + place]) >= best[row].least - block.error {
            best[row].add(start + place, queries.similarity(row, block, place))
          }
        }
      }
    }
    var matches: [[FeatureMatch]] = []
    for found in best {
      matches.append(try found.rows.map { row throws(KerasError) in try match(row.index, row.similarity) })
    }
    return (matches, unusable)
  }
}

/// Multiplies some rows with all of a block.
func multiply(
  _ a: Directions, _ rows: Range<Int>, _ block: Directions, _ products: UnsafeMutableBufferPointer<Float>,
  _ threads: Int?
) {
  a.units.withUnsafeBufferPointer { units in
    block.units.withUnsafeBufferPointer { others in
      dotProducts(
        of: UnsafeBufferPointer(rebasing: units[rows.lowerBound * a.width..<rows.upperBound * a.width]),
        with: others, width: a.width, into: products, threads: threads)
    }
  }
}

/// The likest rows found so far, in order.
private struct Best {
  let limit: Int
  private(set) var rows: [(index: Int, similarity: Double)] = []

  init(limit: Int) { self.limit = limit }

  /// What another must have at least.
  var least: Double { rows.count < limit ? -.infinity : rows[rows.count - 1].similarity }

  /// Adds a row that comes behind those added before.
  mutating func add(_ index: Int, _ similarity: Double) {
    guard rows.count < limit || similarity > least else { return }
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].similarity >= similarity { low = middle + 1 } else { high = middle }
    }
    if rows.count == limit { rows.removeLast() }
    rows.insert((index, similarity), at: low)
  }
}

extension Directions.Defect {
  /// What is said of a row, `whose`.
  package func description(of whose: String) -> String {
    switch self {
    case .zero: "\(whose) has no direction to compare: all its features are 0."
    case .notFinite: "\(whose) has no direction to compare: its features hold NaN or infinities."
    }
  }
}
