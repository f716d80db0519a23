import KerasModels

/// NASNet-A: cells found by search, of which every one sees the outputs of the two before it.
///
/// Paper: Zoph et al., "Learning Transferable Architectures for Scalable Image Recognition" (2017),
/// https://arxiv.org/abs/1707.07012, Figures 2 and 4. Layer names and scopes follow `keras.applications.nasnet`, so
/// its weight files load.
struct NASNet: ApplicationFamily {
  /// Channels before the classifier: a multiple of 96.
  let penultimateFilters: Int
  /// Normal cells between reductions.
  let cells: Int
  let stemFilters: Int
  /// Whether the cell behind a reduction sees, beside it, what the reduction saw itself.
  let skipsReduction: Bool
  /// Without a top, too, the pictures have this size unless said otherwise: the cells' shape depends on it.
  let defaultSize: Int

  private static let unit = ConvolutionUnit(momentum: 0.9997, initializer: .heNormal)

  func defaultInputShape(_ settings: ApplicationSettings) -> Shape? { [defaultSize, defaultSize, 3] }

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    let filters = penultimateFilters / 24
    let x = Self.unit(
      image, filters: stemFilters, size: 3, stride: 2, padding: .valid, names: .init("stem_conv1", "stem_bn1"))
    var state = Cells(output: x, previous: nil)
    state.reduce(filters / 4, "stem_1")
    state.reduce(filters / 2, "stem_2")
    for stack in 0...2 {
      let width = filters << stack
      if stack > 0 {
        let before = state.previous
        state.reduce(width, "reduce_\(stack * cells)")
        if skipsReduction { state.previous = before }
      }
      for cell in 0..<cells { state.extend(width, "\(stack * cells + cell + min(stack, 1))") }
    }
    return Head.automatic(Activation(.relu)(state.output), settings)
  }

  /// The outputs of the last two cells.
  private struct Cells {
    var output: SymbolicTensor
    var previous: SymbolicTensor?

    mutating func extend(_ filters: Int, _ name: String) {
      let cell = Session.withNameScope("normal_A_block_\(name)") { normal(filters, name) }
      (output, previous) = (cell, output)
    }

    mutating func reduce(_ filters: Int, _ name: String) {
      let cell = Session.withNameScope("reduction_A_block_\(name)") { reduction(filters, name) }
      (output, previous) = (cell, output)
    }

    private func normal(_ filters: Int, _ name: String) -> SymbolicTensor {
      let p = adjusted(filters, name)
      let h = narrowed(filters, "normal", name)
      func average(_ x: SymbolicTensor, _ part: String) -> SymbolicTensor {
        AveragePooling2D(poolSize: 3, strides: 1, padding: .same, name: "normal_\(part)_\(name)")(x)
      }
      func separable(_ x: SymbolicTensor, _ size: Int, _ part: String) -> SymbolicTensor {
        separated(x, filters, size: size, "normal_\(part)_\(name)")
      }
      let sums = blocks([
        { Add(name: "normal_add_1_\(name)")([separable(h, 5, "left1"), separable(p, 3, "right1")]) },
        { Add(name: "normal_add_2_\(name)")([separable(p, 5, "left2"), separable(p, 3, "right2")]) },
        { Add(name: "normal_add_3_\(name)")([average(h, "left3"), p]) },
        { Add(name: "normal_add_4_\(name)")([average(p, "left4"), average(p, "right4")]) },
        { Add(name: "normal_add_5_\(name)")([separable(h, 3, "left5"), h]) },
      ])
      return Concatenate(name: "normal_concat_\(name)")([p] + sums)
    }

    private func reduction(_ filters: Int, _ name: String) -> SymbolicTensor {
      let p = adjusted(filters, name)
      let h = narrowed(filters, "reduction", name)
      let wide = padded(h, before: 3, name: "reduction_pad_1_\(name)")
      func halved(_ x: SymbolicTensor, _ size: Int, _ part: String) -> SymbolicTensor {
        separated(x, filters, size: size, stride: 2, "reduction_\(part)_\(name)")
      }
      func largest(_ part: String) -> SymbolicTensor {
        MaxPooling2D(poolSize: 3, strides: 2, name: "reduction_\(part)_\(name)")(wide)
      }
      let first = blocks([
        { Add(name: "reduction_add_1_\(name)")([halved(h, 5, "left1"), halved(p, 7, "right1")]) },
        { Add(name: "reduction_add_2_\(name)")([largest("left2"), halved(p, 7, "right2")]) },
        {
          let mean = AveragePooling2D(poolSize: 3, strides: 2, name: "reduction_left3_\(name)")(wide)
          return Add(name: "reduction_add3_\(name)")([mean, halved(p, 5, "right3")])
        },
      ])
      let second = blocks(from: 4, [
        {
          let mean = AveragePooling2D(
            poolSize: 3, strides: 1, padding: .same, name: "reduction_left4_\(name)")(first[0])
          return Add()([first[1], mean])
        },
        {
          let left = separated(first[0], filters, size: 3, "reduction_left4_\(name)")
          return Add(name: "reduction_add4_\(name)")([left, largest("right5")])
        },
      ])
      return Concatenate(name: "reduction_concat_\(name)")([first[1], first[2]] + second)
    }

    /// Each in the scope of its number.
    private func blocks(from first: Int = 1, _ draw: [() -> SymbolicTensor]) -> [SymbolicTensor] {
      draw.enumerated().map { index, draw in Session.withNameScope("block_\(first + index)", draw) }
    }

    private func narrowed(_ filters: Int, _ kind: String, _ name: String) -> SymbolicTensor {
      unit(
        Activation(.relu)(output), filters: filters,
        names: .init("\(kind)_conv_1_\(name)", "\(kind)_bn_1_\(name)"))
    }

    /// What the cell before the last made, brought to the size of the last's output, or to so many channels.
    private func adjusted(_ filters: Int, _ name: String) -> SymbolicTensor {
      guard let previous else { return output }
      return Session.withNameScope("adjust_block") {
        if let width = previous.shape[2], let wanted = output.shape[2], width != wanted {
          return Session.withNameScope("adjust_reduction_block_\(name)") { halved(previous, filters, name) }
        }
        guard previous.channels != filters else { return previous }
        return Session.withNameScope("adjust_projection_block_\(name)") {
          unit(
            Activation(.relu)(previous), filters: filters,
            names: .init("adjust_conv_projection_\(name)", "adjust_bn_\(name)"))
        }
      }
    }

    /// Every second row and column, once from the first and once from the second, beside each other.
    private func halved(_ previous: SymbolicTensor, _ filters: Int, _ name: String) -> SymbolicTensor {
      func part(_ x: SymbolicTensor, _ number: Int) -> SymbolicTensor {
        let x = AveragePooling2D(poolSize: 1, strides: 2, name: "adjust_avg_pool_\(number)_\(name)")(x)
        return Conv2D(
          filters: filters / 2, kernelSize: 1, padding: .same, usesBias: false,
          kernelInitializer: unit.initializer, name: "adjust_conv_\(number)_\(name)")(x)
      }
      let p = Activation(.relu, name: "adjust_relu_1_\(name)")(previous)
      let even = part(p, 1)
      var odd = ZeroPadding2D(vertical: AxisPadding(0, 1), horizontal: AxisPadding(0, 1))(p)
      odd = Cropping2D(vertical: AxisPadding(1, 0), horizontal: AxisPadding(1, 0))(odd)
      return unit.normalized(Concatenate()([even, part(odd, 2)]), "adjust_bn_\(name)")
    }

    /// Twice an activation and a separable convolution.
    private func separated(
      _ input: SymbolicTensor, _ filters: Int, size: Int, stride: Int = 1, _ name: String
    ) -> SymbolicTensor {
      Session.withNameScope("separable_conv_block_\(name)") {
        var x = Activation(.relu)(input)
        if stride == 2 { x = padded(x, before: size, name: "separable_conv_1_pad_\(name)") }
        for number in 1...2 {
          x = number == 1 ? x : Activation(.relu)(x)
          x = unit.separable(
            x, filters: filters, size: Size2D(size, size), stride: number == 1 ? stride : 1,
            padding: number == 1 && stride == 2 ? .valid : .same,
            names: .init("separable_conv_\(number)_\(name)", "separable_conv_\(number)_bn_\(name)"))
        }
        return x
      }
    }
  }
}
