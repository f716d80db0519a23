import KerasModels

extension FeatureIndex {
  /// How like two pictures are that people would call the same one: what resized, recompressed and slightly cropped copies
  /// of photographs have, and what different photographs have not.
  public static let duplicateThreshold = 0.95

  /// Groups of pictures that are nearly the same.
  ///
  /// Two pictures belong together if they are like each other to `threshold` or more, or if others between them are:
  /// groups are the connected parts, so that no such pair is torn apart and the order of the pictures does not matter.
  /// In a long series, first and last may so be less alike than the threshold; the similarity to the first shows it.
  /// What has no direction is in no group.
  ///
  /// - Parameters:
  ///   - threshold: the least similarity, 0…1.
  ///   - threads: nil for one a core.
  /// - Returns: groups of two or more in the order of their first pictures; each in the order of the index, with the
  ///   similarity to its first.
  /// - Throws: `invalidArgument` for a threshold out of range; what reading throws.
  /// - Complexity: each picture is compared with each.
  public func duplicates(
    above threshold: Double = Self.duplicateThreshold, threads: Int? = nil
  ) throws(KerasError) -> [[FeatureMatch]] {
    try grouped(above: threshold, threads: threads).groups
  }

  /// The same, and the rows that have no direction.
  package func grouped(
    above threshold: Double, threads: Int? = nil
  ) throws(KerasError) -> (groups: [[FeatureMatch]], unusable: [Int]) {
    guard threshold >= 0, threshold <= 1 else {
      throw KerasError(.invalidArgument, "Expected a threshold from 0 to 1, found \(threshold).")
    }
    var sets = DisjointSets(count: count)
    var unusable: [Int] = []
    let size = min(rowsPerBlock, count)
    let products = UnsafeMutableBufferPointer<Float>.allocate(capacity: size * size)
    defer { products.deallocate() }
    for start in stride(from: 0, to: count, by: size) {
      let block = try directions(start..<min(start + size, count))
      unusable += (0..<block.count).filter { block.defect($0) != nil }.map { start + $0 }
      for otherStart in stride(from: start, to: count, by: size) {
        let other = otherStart == start ? block : try directions(otherStart..<min(otherStart + size, count))
        multiply(block, 0..<block.count, other, products, threads)
        let least = Float(threshold - block.error).nextDown
        for row in 0..<block.count where block.defect(row) == nil {
          let line = row * other.count
          // Each pair once.
          for place in (otherStart == start ? row + 1 : 0)..<other.count
          where products[line + place] >= least && other.defect(place) == nil {
            let (a, b) = (sets.root(of: start + row), sets.root(of: otherStart + place))
            if a != b, block.similarity(row, other, place) >= threshold { sets.join(a, b) }
          }
        }
      }
    }
    return (try sets.groups.map { rows throws(KerasError) in try matches(rows) }, unusable)
  }

  /// The cosine between two rows; nil where one has no direction.
  package func similarity(_ a: Int, _ b: Int) throws(KerasError) -> Double? {
    let (one, other) = (try directions(a..<a + 1), try directions(b..<b + 1))
    guard one.defect(0) == nil, other.defect(0) == nil else { return nil }
    return one.similarity(0, other, 0)
  }

  private func matches(_ rows: [Int]) throws(KerasError) -> [FeatureMatch] {
    let first = try directions(rows[0]..<rows[0] + 1)
    var matches: [FeatureMatch] = []
    for row in rows {
      matches.append(try match(row, first.similarity(0, directions(row..<row + 1), 0)))
    }
    return matches
  }
}

/// Which numbers belong together.
package struct DisjointSets {
  private var parents: [Int]

  package init(count: Int) { parents = Array(0..<count) }

  /// The number that stands for all of a set: its least.
  package mutating func root(of number: Int) -> Int {
    var number = number
    while parents[number] != number {
      parents[number] = parents[parents[number]]
      number = parents[number]
    }
    return number
  }

  package mutating func join(_ a: Int, _ b: Int) {
    let (a, b) = (root(of: a), root(of: b))
    parents[max(a, b)] = min(a, b)
  }

  /// Sets of two or more, in the order of their first numbers.
  package var groups: [[Int]] {
    mutating get {
      var members: [Int: [Int]] = [:]
      for number in parents.indices where root(of: number) != number {
        members[root(of: number), default: [root(of: number)]].append(number)
      }
      return members.keys.sorted().compactMap { members[$0] }
    }
  }
}
