import KerasGraph

/// How a primitive of oneDNN is to finish its sums: the epilogue of a convolution or matrix product, spread
/// over what the library offers.
struct Finish {
  /// Multiplied into the weights while they are packed.
  var weightScale: [Float] = []
  var bias: (descriptor: MemoryDescriptor, place: Place)?
  var postOperations: [PostOperation] = []
  /// What the post-operations read.
  var operands: [Kernel.Operand] = []
  /// What oneDNN cannot apply, and a kernel of ours does afterwards.
  var remainder: UnaryFunction?
  var isInPlace = false

  fileprivate mutating func append(_ postOperation: PostOperation, _ descriptor: MemoryDescriptor, _ place: Place) {
    operands.append(
      Kernel.Operand(role: Role.postOperation(postOperations.count), descriptor: descriptor, place: place))
    postOperations.append(postOperation)
  }
}

extension GraphCompiler {
  /// - Parameters:
  ///   - packsWeights: whether the weights are packed now, so that a constant scale can go into them.
  ///   - describe: describes a tensor of the output's rank, stored as our own, in oneDNN's order of axes.
  mutating func finish(
    _ epilogue: Epilogue, packsWeights: Bool,
    describe: (_ lengths: [Int], _ type: DataType) throws(KerasError) -> MemoryDescriptor
  ) throws(KerasError) -> Finish {
    var finish = Finish()
    let lengths = output.lengths
    let perChannel = lengths.indices.map { $0 == lengths.count - 1 ? lengths[$0] : 1 }
    let scale = epilogue.scaleInput.flatMap(constant)
    if packsWeights, let scale {
      finish.weightScale = scale.scalars()
    } else if let position = epilogue.scaleInput {
      let scale = try operand(position, as: .float32)
      let descriptor = try describe(perChannel, .float32)
      finish.append(.multiply(descriptor), descriptor, scale.place)
    }
    if let position = epilogue.biasInput {
      let bias = try operand(position, as: .float32)
      if finish.postOperations.isEmpty {
        finish.bias = (try MemoryDescriptor(rowMajor: bias.lengths, .float32), bias.place)
      } else {
        let descriptor = try describe(perChannel, .float32)
        finish.append(.add(descriptor), descriptor, bias.place)
      }
    }
    if let position = epilogue.residualInput {
      if overwrites(position) {
        finish.postOperations.append(.addDestination)
        finish.isInPlace = true
      } else {
        let residual = try number(position)
        let descriptor = try describe(lengths, residual.type)
        finish.append(.add(descriptor), descriptor, residual.place)
      }
    }
    if let activation = epilogue.activation {
      if let function = EltwiseFunction(activation) {
        finish.postOperations.append(.apply(function))
      } else {
        finish.remainder = activation
      }
    }
    return finish
  }

  /// The precision of the node's products: bfloat16 when its output (or, for results, what leads there) is
  /// to be computed so.
  var productType: DataType { storage.usesBFloat16 && node.outputs[0].dataType == .float32 ? .bfloat16 : .float32 }
}
