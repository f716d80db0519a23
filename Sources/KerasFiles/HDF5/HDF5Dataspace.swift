import KerasCore

/// The shape of a dataset or attribute, section IV.A.2.b.
struct HDF5Dataspace: Hashable, Sendable {
  /// Lengths, outermost first; empty for a scalar, `[0]` for HDF5's "null" space.
  let shape: [Int]
  let elementCount: Int

  init(from cursor: inout ByteCursor) throws(KerasError) {
    let version = try cursor.expect(version: 1...2)
    let rank = try cursor.int(1)
    let flags = try cursor.int(1)
    guard rank <= 32 else { throw cursor.damaged("has \(rank) axes") }
    let isNull = try cursor.int(1) == 2 && version == 2
    if version == 1 { try cursor.skip(4) }
    var lengths: [Int] = []
    for _ in 0..<rank {
      guard let length = Int(exactly: try cursor.unsigned(8)) else {
        throw cursor.damaged("has an impossible length")
      }
      lengths.append(length)
    }
    if flags & 1 != 0 { try cursor.skip(8 * rank) }
    shape = isNull ? [0] : lengths
    guard let count = checkedElementCount(shape) else {
      throw cursor.damaged("has more elements than can be counted: \(Shape(shape))")
    }
    elementCount = count
  }
}
