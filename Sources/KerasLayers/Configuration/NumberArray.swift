import KerasCore

/// A number or nested lists of numbers; written again as a file has them.
struct NumberArray: Sendable {
  let tensor: Tensor
  let json: JSON

  init(_ number: Double) { (tensor, json) = (Tensor(scalar: number), .number(number)) }
  init(_ numbers: [Double]) { (tensor, json) = (Tensor(numbers), JSON(numbers)) }

  init(_ tensor: Tensor) {
    self.tensor = tensor
    json = Self.nested(tensor.scalars(as: Double.self)[...], tensor.shape[...])
  }

  /// - Parameter json: also a NumPy array as Keras writes it. nil when lists are ragged, too deep or something else.
  init?(_ json: JSON) {
    let list = json["config"]?["value"] ?? json["value"] ?? json
    var (shape, numbers) = ([Int](), [Double]())
    guard Self.flatten(list, depth: 0, into: &shape, &numbers),
      let tensor = try? Tensor(numbers, shape: shape)
    else { return nil }
    (self.tensor, self.json) = (tensor, json)
  }

  private static func flatten(
    _ json: JSON, depth: Int, into shape: inout [Int], _ numbers: inout [Double]
  ) -> Bool {
    if let number = json.number {
      numbers.append(number)
      return shape.count == depth
    }
    guard let list = json.array, depth < 8 else { return false }
    if shape.count == depth {
      // Only the first list of a level may tell its length.
      guard numbers.isEmpty else { return false }
      shape.append(list.count)
    }
    return shape[depth] == list.count
      && list.allSatisfy { flatten($0, depth: depth + 1, into: &shape, &numbers) }
  }

  private static func nested(_ numbers: ArraySlice<Double>, _ shape: ArraySlice<Int>) -> JSON {
    guard let length = shape.first else { return .number(numbers.first ?? 0) }
    let size = length == 0 ? 0 : numbers.count / length
    return .array(
      (0..<length).map { index in
        let start = numbers.startIndex + index * size
        return nested(numbers[start..<start + size], shape.dropFirst())
      })
  }
}

extension NumberArray: SettingValue {
  static var settingCodec: SettingCodec<NumberArray> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key) else { return nil }
        guard let array = NumberArray(json) else {
          throw configuration.wrong(key, "a number or an array of numbers", json)
        }
        return array
      },
      writing: { array, key, config in config[key] = array.json })
  }
}
