// SPDX-License-Identifier: Apache-2.0
// All values of one name.

extension Fields {
    /// The value of each line that has the name, in order.
    public func values(of name: FieldName) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for field in self where matches(field, name) { values.append(bytes(field.value)) }
        return values
    }
}
