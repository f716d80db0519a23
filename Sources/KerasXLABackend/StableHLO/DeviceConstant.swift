import KerasGraph

/// A constant as a device gets it: perhaps of another type, perhaps in another order.
struct DeviceConstant: Sendable {
  /// What the numbers on the device are, for who keeps them but not the constant.
  struct Identity: Hashable, Sendable {
    fileprivate let constant: ConstantIdentity
    fileprivate let dataType: DataType
    fileprivate let startsWithLastAxis: Bool
  }

  let identity: Identity
  private let source: Tensor

  /// - Parameter startsWithLastAxis: whether the last axis is made the first.
  init(_ constant: ConstantOperation, as dataType: DataType, startsWithLastAxis: Bool = false) {
    identity = Identity(
      constant: constant.identity, dataType: dataType, startsWithLastAxis: startsWithLastAxis)
    source = constant.tensor
  }

  var spec: HLOSpec {
    let lengths = source.shape
    return HLOSpec(
      identity.startsWithLastAxis ? lengths.suffix(1) + lengths.dropLast() : lengths,
      HLOType(identity.dataType))
  }

  var byteCount: Int { source.elementCount * identity.dataType.byteCount }

  func tensor() -> Tensor {
    let tensor = source.converted(to: identity.dataType)
    guard identity.startsWithLastAxis else { return tensor }
    let columns = spec.lengths[0]
    let rows = columns == 0 ? 0 : tensor.elementCount / columns
    return tensor.withUnsafeBytes { source in
      Tensor(uninitialized: spec.lengths, tensor.dataType) { target in
        switch tensor.dataType.byteCount {
        case 1:
          transpose(source.bindMemory(to: UInt8.self), rows, columns, to: target.bindMemory(to: UInt8.self))
        case 2:
          transpose(source.bindMemory(to: UInt16.self), rows, columns, to: target.bindMemory(to: UInt16.self))
        case 4:
          transpose(source.bindMemory(to: UInt32.self), rows, columns, to: target.bindMemory(to: UInt32.self))
        default:
          transpose(source.bindMemory(to: UInt64.self), rows, columns, to: target.bindMemory(to: UInt64.self))
        }
      }
    }
  }
}

/// Makes the rows of a matrix columns, tile by tile: whole lines of the cache are read and written.
private func transpose<Bits>(
  _ source: UnsafeBufferPointer<Bits>, _ rows: Int, _ columns: Int,
  to target: UnsafeMutableBufferPointer<Bits>
) {
  let side = 32
  for firstRow in stride(from: 0, to: rows, by: side) {
    let lastRow = min(firstRow + side, rows)
    for firstColumn in stride(from: 0, to: columns, by: side) {
      for column in firstColumn..<min(firstColumn + side, columns) {
        for row in firstRow..<lastRow { target[column &* rows &+ row] = source[row &* columns &+ column] }
      }
    }
  }
}
